import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MICRO_PER_CREDIT } from '@caicaini/protocol'
import { sql } from 'kysely'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { openSqlite } from '../storage/sqlite.js'
import { createLedger } from './service.js'
import { createTestLedger, credits } from './testing.js'

type TestLedger = Awaited<ReturnType<typeof createTestLedger>>
const open: TestLedger[] = []

async function start(options?: Parameters<typeof createTestLedger>[0]) {
  const t = await createTestLedger(options)
  open.push(t)
  return t
}

/** Every test ends in an audit: whatever it did, the books must agree. */
afterEach(async () => {
  for (const t of open.splice(0)) {
    expect((await t.ledger.audit()).differences).toEqual([])
    await t.close()
  }
})

test('a settle charges what was used and gives the rest of the hold back', async () => {
  const t = await start()
  await t.grant('topup', credits(100))
  const { requestId, result } = t.hold(40)
  expect(await result).toMatchObject({ ok: true, amount: credits(40), tokens: 40, clamped: null })
  expect(await t.ledger.balance(t.accountId)).toMatchObject({ balance: credits(100), available: credits(60) })
  const settled = await t.settle(requestId, credits(25))
  expect(settled).toMatchObject({
    ok: true,
    receipt: { credits: 25, from_topup: 25, from_subscription: 0, balance: 75, uncollected: 0 }
  })
  expect(await t.ledger.balance(t.accountId)).toMatchObject({ balance: credits(75), available: credits(75) })
})

test('a release charges nothing', async () => {
  const t = await start()
  await t.grant('topup', credits(10))
  const { requestId } = t.hold(10)
  expect(await t.release(requestId)).toMatchObject({ ok: true, receipt: { credits: 0, balance: 10, status: 'failed' } })
})

test('a hold is resolved exactly once, whoever tries again', async () => {
  const t = await start()
  await t.grant('topup', credits(10))
  const one = t.hold(5)
  const two = t.hold(5)
  await Promise.all([one.result, two.result])
  const ends = await Promise.all([
    t.settle(one.requestId, credits(1)),
    t.settle(one.requestId, credits(1)),
    t.release(one.requestId),
    t.release(two.requestId),
    t.settle(two.requestId, credits(1))
  ])
  expect(ends.map((end) => (end.ok ? 'ok' : end.state))).toEqual(['ok', 'settled', 'settled', 'ok', 'released'])
  expect(await t.settle('req_never', 1n)).toEqual({ ok: false, state: 'missing' })
  expect((await t.ledger.balance(t.accountId)).balance).toBe(credits(9))
})

test('subscription credits burn first, then what expires soonest, then the oldest', async () => {
  const t = await start()
  const dayMs = 86_400_000
  await t.grant('topup', credits(10))
  await t.grant('promotion', credits(10), t.clock.nowMs() + 9 * dayMs)
  await t.grant('promotion', credits(10), t.clock.nowMs() + 2 * dayMs)
  await t.grant('subscription', credits(10), t.clock.nowMs() + 15 * dayMs)
  const { requestId } = t.hold(25)
  expect(await t.settle(requestId, credits(25))).toMatchObject({
    ok: true,
    receipt: { from_subscription: 10, from_topup: 15 }
  })
  const { grants } = await t.ledger.balance(t.accountId)
  expect(grants.map(({ kind, remaining }) => [kind, remaining])).toEqual([
    ['promotion', credits(5)],
    ['topup', credits(10)]
  ])
})

test('a hold settles from the grants it reserved, even when they have expired since', async () => {
  const t = await start()
  await t.grant('subscription', credits(10), t.clock.nowMs() + 60_000)
  await t.grant('topup', credits(10))
  const { requestId, result } = t.hold(8)
  await result
  t.clock.advance({ minutes: 2 })
  expect((await t.ledger.balance(t.accountId)).balance).toBe(credits(10))
  expect(await t.settle(requestId, credits(8))).toMatchObject({
    ok: true,
    receipt: { from_subscription: 8, from_topup: 0, balance: 10 }
  })
})

test('what costs more than was held takes what is available; the rest is uncollected, never a debt', async () => {
  const t = await start()
  await t.grant('topup', credits(10))
  const { requestId } = t.hold(4)
  const settled = await t.settle(requestId, credits(15))
  expect(settled).toMatchObject({ ok: true, receipt: { credits: 10, uncollected: 5, balance: 0 } })
})

test('what another hold reserved is not taken for an overrun', async () => {
  const t = await start()
  await t.grant('topup', credits(10))
  const one = t.hold(4)
  const two = t.hold(5)
  await two.result
  expect(await t.settle(one.requestId, credits(9))).toMatchObject({ ok: true, receipt: { credits: 5, uncollected: 4 } })
  expect(await t.settle(two.requestId, credits(5))).toMatchObject({
    ok: true,
    receipt: { credits: 5, uncollected: 0, balance: 0 }
  })
})

test('a balance that affords fewer tokens lowers them; below the least it is refused with the number', async () => {
  const t = await start()
  await t.grant('topup', credits(30))
  expect(await t.hold(100, { tokensLeast: 20 }).result).toMatchObject({ ok: true, tokens: 30, clamped: 30 })
  expect(await t.hold(100, { tokensLeast: 20 }).result).toEqual({
    ok: false,
    reason: 'balance',
    affordableTokens: 0,
    available: 0n
  })
})

test("a key's own quota refuses and clamps, and says that it was the quota", async () => {
  const t = await start({ quota: credits(10) })
  await t.grant('topup', credits(100))
  const { requestId, result } = t.hold(20, { tokensLeast: 5 })
  expect(await result).toMatchObject({ ok: true, tokens: 10 })
  expect(await t.hold(1).result).toMatchObject({ ok: false, reason: 'key_quota' })
  await t.settle(requestId, credits(4))
  expect(await t.hold(6).result).toMatchObject({ ok: true })
})

test('a charge of zero leaves its line in the book', async () => {
  const t = await start()
  const { requestId } = t.hold(0)
  expect(await t.settle(requestId, 0n)).toMatchObject({ ok: true, receipt: { credits: 0 } })
  const entries = await t.db.selectFrom('entry').selectAll().execute()
  expect(entries.map(({ kind, amount, reference }) => [kind, amount, reference])).toEqual([['spend', 0n, requestId]])
})

test('the same reference grants once, also within one batch', async () => {
  const t = await start()
  const grant = { accountId: t.accountId, kind: 'topup' as const, amount: credits(5), reference: 'payment:1' }
  const results = await Promise.all([t.ledger.grant(grant), t.ledger.grant(grant)])
  results.push(await t.ledger.grant(grant))
  expect(results.map(({ granted }) => granted)).toEqual([true, false, false])
  expect(new Set(results.map(({ grantId }) => grantId)).size).toBe(1)
  expect((await t.ledger.balance(t.accountId)).balance).toBe(credits(5))
})

test('500 requests race for credits that cover 100: exactly 100 are served', async () => {
  const t = await start()
  await t.grant('topup', credits(100))
  const holds = Array.from({ length: 500 }, () => t.hold(1))
  const results = await Promise.all(holds.map(({ result }) => result))
  expect(results.filter(({ ok }) => ok)).toHaveLength(100)
  await Promise.all(
    holds.map(({ requestId }, i) => (results[i]?.ok ? t.settle(requestId, MICRO_PER_CREDIT) : undefined))
  )
  expect((await t.ledger.balance(t.accountId)).balance).toBe(0n)
})

test('two connections race for the last credit on one file: one of them gets it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'caicaini-ledger-'))
  const path = join(folder, 'data.sqlite')
  const a = await start({ path })
  await a.grant('topup', credits(1))
  const other = await openSqlite(path)
  const b = createLedger({
    db: other.db,
    snapshot: other.snapshot,
    clock: a.clock,
    ids: a.ids,
    instance: () => ({ id: a.instanceId, epoch: 1n })
  })
  const ask = {
    accountId: a.accountId,
    keyId: a.keyId,
    parentKeyId: null,
    repeatKey: null,
    inputCost: credits(1) * 100_000_000n,
    outputRate: 0n,
    tokensWanted: 1,
    tokensLeast: 1
  }
  const context = {
    model: 'm',
    modelUsed: 'm',
    routeReason: '',
    provider: 'p',
    rateVersion: 'r',
    discount: 0,
    client: null,
    agent: null,
    session: null,
    repo: null,
    branch: null
  }
  const results = await Promise.all(
    [a.ledger, b].flatMap((ledger) =>
      Array.from({ length: 20 }, () => ledger.hold({ ...ask, context, requestId: a.ids.next('req') }).durable)
    )
  )
  expect(results.filter(({ ok }) => ok)).toHaveLength(1)
  await other.close()
  onTestFinished(() => rmSync(folder, { recursive: true }))
})

test("recovery releases a dead instance's holds and nobody else's; a late settle finds it done", async () => {
  const t = await start()
  await t.grant('topup', credits(10))
  const { requestId, result } = t.hold(4)
  await result
  expect(await t.ledger.recover('inst_other', 9n)).toBe(0)
  expect(await t.ledger.recover(t.instanceId, 0n)).toBe(0)
  expect(await t.ledger.recover(t.instanceId, 1n)).toBe(1)
  expect(await t.settle(requestId, credits(4))).toEqual({ ok: false, state: 'released' })
  expect(await t.ledger.balance(t.accountId)).toMatchObject({ balance: credits(10), available: credits(10) })
  expect(await t.ledger.receipt({ accountId: t.accountId, requestId, waitMs: 0 })).toMatchObject({
    status: 'released',
    credits: 0
  })
})

test('a decision is told before it is durable; where the commit fails, nothing was held', async () => {
  const t = await start()
  await t.grant('topup', credits(10))
  const context = {
    model: 'm',
    modelUsed: 'm',
    routeReason: '',
    provider: 'p',
    rateVersion: 'r',
    discount: 0,
    client: null,
    agent: null,
    session: null,
    repo: null,
    branch: null
  }
  const ask = {
    accountId: t.accountId,
    keyId: t.keyId,
    parentKeyId: null,
    repeatKey: null,
    context,
    inputCost: 0n,
    outputRate: 0n,
    tokensWanted: 1,
    tokensLeast: 1
  }
  const good = t.ledger.hold({ ...ask, requestId: t.ids.next('req') })
  const order: string[] = []
  // A call to a provider goes out an immediate after it was made: that, too, comes before the commit.
  const decided = good.decided.then(() => setImmediate(() => order.push('call left')))
  await Promise.all([decided, good.durable.then(() => order.push('durable'))])
  expect(order).toEqual(['call left', 'durable'])
  // A request id that is there already is noticed when the hold is written, after it was decided.
  const requestId = t.ids.next('req')
  await t.ledger.hold({ ...ask, requestId }).durable
  const bad = t.ledger.hold({ ...ask, inputCost: credits(5), requestId })
  expect(await bad.decided).toMatchObject({ ok: true })
  await expect(bad.durable).rejects.toThrow(/UNIQUE constraint failed: hold.request_id/)
  expect((await t.ledger.balance(t.accountId)).available).toBe(credits(10))
})

test('the audit names what was tampered with', async () => {
  const t = await createTestLedger()
  await t.grant('topup', credits(10))
  const { requestId } = t.hold(4)
  await t.settle(requestId, credits(3))
  await t.db
    .updateTable('grant')
    .set({ remaining: credits(9) })
    .execute()
  expect((await t.ledger.audit()).differences.map(({ what }) => what)).toEqual(['remaining'])
  await t.db
    .updateTable('grant')
    .set({ remaining: credits(7), held: credits(1) })
    .execute()
  expect((await t.ledger.audit()).differences.map(({ what }) => what)).toEqual(['held'])
  await t.db.updateTable('grant').set({ held: 0n, detail: '{"by":"nobody"}' }).execute()
  expect((await t.ledger.audit()).differences.map(({ what }) => what)).toEqual(['grant'])
  await t.db.updateTable('grant').set({ detail: '{}' }).execute()
  await t.db.updateTable('key_quota').set({ used: 0n }).execute()
  expect((await t.ledger.audit()).differences.map(({ what }) => what)).toEqual(['key'])
  await t.db
    .updateTable('key_quota')
    .set({ used: credits(3) })
    .execute()
  await t.db
    .updateTable('receipt')
    .set({ credits: credits(2) })
    .execute()
  expect((await t.ledger.audit()).differences.map(({ what }) => what)).toContain('receipt')
  await t.db
    .updateTable('receipt')
    .set({ credits: credits(3) })
    .execute()
  await sql`drop trigger entry_no_update`.execute(t.db)
  await t.db
    .updateTable('entry')
    .set({ amount: -credits(1) })
    .where('kind', '=', 'spend')
    .execute()
  const whats = (await t.ledger.audit()).differences.map(({ what }) => what)
  expect(whats).toContain('chain')
  expect(whats).toContain('remaining')
  expect(whats).toContain('receipt')
  await t.close()
})
