import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { directOf } from '../storage/direct.js'
import { openSqlite } from '../storage/sqlite.js'
import type { Db } from '../storage/tables.js'
import { Book, type BookPages } from './book.js'
import { readPages } from './book-store.js'
import { writeChanges } from './changes-store.js'
import { decide } from './decide/decide.js'
import type { Grant, LedgerOp } from './model.js'
import { KeptPages } from './pages.js'
import { grantRow } from './rows.js'
import { createTestLedger, credits, outcome } from './testing.js'

/* What is kept between batches is what is in the database, whoever wrote in between and by whatever way. */

const folder = mkdtempSync(join(tmpdir(), 'caicaini-pages-'))
let files = 0
let t: Awaited<ReturnType<typeof createTestLedger>>
let other: Awaited<ReturnType<typeof openSqlite>>

beforeEach(async () => {
  const path = join(folder, `${files++}.sqlite`)
  t = await createTestLedger({ path })
  other = await openSqlite(path)
  await t.grant('topup', credits(100))
})
afterEach(async () => {
  await Promise.all([t.close(), other.close()])
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})

const lower = (db: Db) =>
  db
    .updateTable('grant')
    .set({ remaining: credits(40) })
    .execute()
const limit = (db: Db) =>
  db
    .updateTable('key_quota')
    .set({ credit_limit: credits(45) })
    .execute()

const writers: Record<string, () => Promise<unknown>> = {
  'this connection, past the ledger': () => lower(t.db),
  'this connection, on a key': () => limit(t.db),
  'this connection, in a transaction': () => t.db.transaction().execute(lower),
  'another connection': () => lower(other.db),
  'another connection, on a key': () => limit(other.db),
  'another connection, twice, so that all is as it was but for one row': async () => {
    await lower(other.db)
    await other.db
      .updateTable('grant')
      .set({ remaining: credits(41) })
      .execute()
  }
}

for (const [who, write] of Object.entries(writers)) {
  test(`a hold is decided on what ${who} wrote since the last one`, async () => {
    const before = t.hold(10)
    expect(await before.result).toMatchObject({ ok: true })
    await t.release(before.requestId)
    await write()
    expect(await t.hold(50).result).toMatchObject({ ok: false })
    expect(await t.hold(40).result).toMatchObject({ ok: true })
  })
}

test('what a caller entered in its own transaction counts for the next hold, and not where it was rolled back', async () => {
  await t.hold(10).result
  const grant = { accountId: t.accountId, kind: 'promotion', amount: credits(50) } as const
  await t.db.transaction().execute((tx) => t.ledger.grantIn(tx, { ...grant, reference: 'kept' }))
  const rolledBack = t.db.transaction().execute(async (tx) => {
    await t.ledger.grantIn(tx, { ...grant, reference: 'lost' })
    throw new Error('the payment failed')
  })
  await expect(rolledBack).rejects.toThrow('the payment failed')
  expect(await t.hold(141).result).toMatchObject({ ok: false, available: credits(140) })
  expect(await t.hold(140).result).toMatchObject({ ok: true })
})

test('of a batch that could not be written, nothing is kept', async () => {
  const one = t.hold(10)
  await one.result
  await expect(t.hold(60, { requestId: one.requestId }).result).rejects.toThrow(/UNIQUE/)
  expect(await t.hold(90).result).toMatchObject({ ok: true })
  expect(await t.settle(one.requestId, credits(10))).toMatchObject({ ok: true, receipt: { balance: 90 } })
  expect((await t.ledger.audit()).differences).toEqual([])
})

test('while another connection takes from the same account, never more is held than there is', async () => {
  const ask = { accountId: t.accountId, keyId: t.keyId, parentKeyId: null }
  const held: string[] = []
  for (let i = 0; i < 12; i++) {
    const { requestId, result } = t.hold(10)
    if ((await result).ok) held.push(requestId)
    await other.db
      .updateTable('grant')
      .set((eb) => ({ held: eb('held', '+', credits(1)) }))
      .where((eb) => eb(eb('held', '+', credits(1)), '<=', eb.ref('remaining')))
      .execute()
  }
  // Nine rounds of 10 and 1, and one more that finds room for the 1 alone.
  expect(held).toHaveLength(9)
  await other.db
    .updateTable('grant')
    .set((eb) => ({ held: eb('held', '-', credits(10)) }))
    .execute()
  for (const requestId of held) await t.ledger.settle({ ...ask, requestId, charge: credits(10), outcome: outcome() })
  expect((await t.ledger.audit()).differences).toEqual([])
})

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('batch' as const),
      fails: fc.constantFrom(false, false, false, false, true),
      ops: fc.array(fc.nat(12), { minLength: 1, maxLength: 5 })
    })
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('grant', 'quota', 'emptied'),
      foreign: fc.boolean(),
      rollBack: fc.constantFrom(false, false, true)
    })
  }
)

test('the pages kept are at any time those that would be read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 20, size: 'max' }), async (steps) => {
      const life = await createLife()
      for (const each of steps) await life.take(each)
    }),
    { numRuns: 60 }
  )
}, 60_000)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function createLife() {
  const kept = new KeptPages()
  const requests: string[] = []

  function opOf(number: number): LedgerOp {
    const ids = { accountId: t.accountId, keyId: t.keyId, parentKeyId: null }
    const known = requests[number % (requests.length || 1)]
    if (number > 3 && known !== undefined) {
      if (number === 9) return { kind: 'expire', accountId: t.accountId }
      if (number === 8)
        return { ...ids, kind: 'release', requestId: known, outcome: outcome('failed'), errorCode: null }
      return { ...ids, kind: 'settle', requestId: known, charge: BigInt(number) * 200_000n, outcome: outcome() }
    }
    const requestId = t.ids.next('req')
    requests.push(requestId)
    const caller = { client: null, agent: null, session: null, repo: null, branch: null }
    const model = { model: 'm', modelUsed: 'm', routeReason: '', provider: 'p', rateVersion: 'v', discount: 0 }
    const run = { repeatKey: null, instanceId: t.instanceId, epoch: 1n }
    const cost = { inputCost: 0n, outputRate: 10n ** 14n, tokensWanted: number, tokensLeast: 0 }
    return { ...ids, ...run, ...cost, kind: 'hold', requestId, context: { ...model, ...caller } }
  }

  async function batch(ops: LedgerOp[], fails: boolean): Promise<void> {
    try {
      const { changes, version } = await t.db.transaction().execute(async (tx) => {
        const pages = await kept.read(tx, ops, t.clock.nowMs())
        expect(inOrder(pages)).toEqual(inOrder(await readPages(tx, ops, t.clock.nowMs())))
        const book = new Book(pages, t.clock.nowMs())
        for (const op of ops) decide(book, op)
        await writeChanges(tx, book.changes)
        if (fails) throw new Error('could not commit')
        return { changes: book.changes, version: directOf(tx).writeVersion() }
      })
      kept.keep(changes, version)
    } catch (error) {
      kept.forget()
      if (!fails) throw error
    }
  }

  async function interfere(kind: string, db: Db): Promise<void> {
    if (kind === 'quota')
      await db
        .updateTable('key_quota')
        .set({ credit_limit: credits(1_000) })
        .execute()
    if (kind === 'grant') await db.insertInto('grant').values(grantRow(newGrant())).execute()
    if (kind === 'emptied') {
      await db
        .updateTable('grant')
        .set((eb) => ({ remaining: eb.ref('held') }))
        .execute()
    }
  }

  function newGrant(): Grant {
    const [id, amount, nowMs] = [t.ids.next('grant'), credits(2), t.clock.nowMs()]
    const figures = { amount, remaining: amount, held: 0n, detail: {} }
    const times = { startsAtMs: nowMs, expiresAtMs: null, createdAtMs: nowMs }
    return { id, accountId: t.accountId, kind: 'promotion', reference: id, ...figures, ...times }
  }

  return {
    async take(each: Step): Promise<void> {
      if (each.kind === 'batch') return batch(each.ops.map(opOf), each.fails)
      const { db } = each.foreign ? other : t
      const done = db.transaction().execute(async (tx) => {
        await interfere(each.kind, tx)
        if (each.rollBack) throw new Error('rolled back')
      })
      await done.catch(() => expect(each.rollBack).toBe(true))
    }
  }
}

function inOrder({ grants, quotas, holds, ...rest }: BookPages) {
  const sorted = <T>(list: readonly T[], idOf: (each: T) => string) =>
    [...new Map(list.map((each) => [idOf(each), each])).entries()].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    ...rest,
    grants: sorted(grants, ({ id }) => id),
    quotas: sorted(quotas, ({ keyId }) => keyId),
    holds: sorted(holds, ({ requestId }) => requestId)
  }
}
