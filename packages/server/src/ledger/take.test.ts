import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestLedger, credits } from './testing.js'

let t: Awaited<ReturnType<typeof createTestLedger>>
const day = 86_400_000

beforeEach(async () => {
  t = await createTestLedger()
})
afterEach(async () => {
  const { differences, totals } = await t.ledger.audit()
  expect(differences).toEqual([])
  // granted ± adjusted + refunded = spent + remaining + expired + forfeited: what is taken is negative in the book.
  const { grant, adjust, refund, spend, expire, forfeit, remaining } = totals
  expect(grant + adjust + refund).toBe(-spend + remaining - expire - forfeit)
  await t.close()
})

const kindsOf = async () =>
  (await t.db.selectFrom('entry').select(['kind', 'amount']).orderBy('account_seq').execute()).map(
    ({ kind, amount }) => `${kind} ${Number(amount) / 1e6}`
  )

describe('expiry', () => {
  test('is an entry, made once', async () => {
    await t.grant('promotion', credits(5), t.clock.nowMs() + day)
    await t.grant('topup', credits(3))
    await t.ledger.expire()
    t.clock.advance({ days: 1 })
    await t.ledger.expire()
    await t.ledger.expire()
    expect(await kindsOf()).toEqual(['grant 5', 'grant 3', 'expire -5'])
    expect((await t.ledger.balance(t.accountId)).balance).toBe(credits(3))
  })

  test('never touches what is held: that is spent, and what it leaves expires then', async () => {
    await t.grant('subscription', credits(10), t.clock.nowMs() + day)
    const { requestId, result } = t.hold(4)
    await result
    t.clock.advance({ days: 2 })
    await t.ledger.expire()
    expect(await kindsOf()).toEqual(['grant 10', 'expire -6'])
    const settled = await t.settle(requestId, credits(1))
    expect(settled).toMatchObject({
      ok: true,
      receipt: { credits: 1, from_subscription: 1, uncollected: 0, balance: 0 }
    })
    await t.ledger.expire()
    expect(await kindsOf()).toEqual(['grant 10', 'expire -6', 'spend -1', 'expire -3'])
  })

  test('a clock set back brings nothing back, and takes nothing that had begun', async () => {
    await t.grant('promotion', credits(5), t.clock.nowMs() + day)
    await t.grant('topup', credits(3))
    t.clock.advance({ days: 1 })
    await t.ledger.expire()
    t.clock.set(t.clock.nowMs() - 3 * day)
    await t.ledger.expire()
    expect((await t.ledger.balance(t.accountId)).balance).toBe(credits(3))
    const { requestId } = t.hold(2)
    expect(await t.settle(requestId, credits(2))).toMatchObject({ ok: true, receipt: { credits: 2, balance: 1 } })
  })
})

describe('what an operator takes', () => {
  const take = (kind: 'forfeit' | 'adjust', amount: bigint | null, reference: string = kind) =>
    t.db.transaction().execute((tx) => {
      const detail = { by: 'owner', reason: 'test' }
      return t.ledger.takeIn(tx, { kind, accountId: t.accountId, amount, reference, detail })
    })

  test('a correction takes its amount in burn order, once', async () => {
    await t.grant('promotion', credits(5), t.clock.nowMs() + day)
    await t.grant('topup', credits(10))
    expect(await take('adjust', credits(7))).toEqual({ taken: credits(7), again: false, balance: credits(8) })
    expect(await take('adjust', credits(7))).toEqual({ taken: 0n, again: true, balance: credits(8) })
    expect(await kindsOf()).toEqual(['grant 5', 'grant 10', 'adjust -5', 'adjust -2'])
  })

  test('a correction beyond what is there and not held is refused whole', async () => {
    await t.grant('topup', credits(10))
    await t.hold(4).result
    await expect(take('adjust', credits(7))).rejects.toThrow('only 6 are there and not held')
    expect((await t.ledger.balance(t.accountId)).balance).toBe(credits(10))
  })

  test('a forfeit takes all but what is held, which its request still pays from', async () => {
    await t.grant('topup', credits(10))
    await t.grant('promotion', credits(5), t.clock.nowMs() + day)
    const { requestId, result } = t.hold(4)
    await result
    expect(await take('forfeit', null, 'closure')).toMatchObject({ taken: credits(11) })
    await t.settle(requestId, credits(3))
    expect(await take('forfeit', null, 'closure')).toMatchObject({ taken: 0n, again: true })
    expect(await take('forfeit', null, 'closure 2')).toMatchObject({ taken: credits(1), balance: 0n })
  })
})

describe('a refund', () => {
  const refund = (requestId: string) =>
    t.db.transaction().execute((tx) => t.ledger.refundIn(tx, [{ accountId: t.accountId, requestId }], { by: 'owner' }))

  test('gives a charge back to where it was taken from, once', async () => {
    await t.grant('subscription', credits(3), t.clock.nowMs() + day)
    await t.grant('topup', credits(10))
    const { requestId } = t.hold(5)
    await t.settle(requestId, credits(5))
    expect(await refund(requestId)).toEqual([{ refunded: credits(5), again: false }])
    expect(await refund(requestId)).toEqual([{ refunded: 0n, again: true }])
    expect(await t.ledger.balance(t.accountId)).toMatchObject({ balance: credits(13), subscription: credits(3) })
    expect(await t.ledger.receipt({ accountId: t.accountId, requestId, waitMs: 0 })).toMatchObject({
      credits: 5,
      refunded: 5
    })
  })

  test('of credits that have expired since is a lasting grant', async () => {
    await t.grant('subscription', credits(3), t.clock.nowMs() + day)
    await t.grant('topup', credits(10))
    const { requestId } = t.hold(5)
    await t.settle(requestId, credits(5))
    t.clock.advance({ days: 2 })
    await t.ledger.expire()
    await refund(requestId)
    expect(await kindsOf()).toEqual(['grant 3', 'grant 10', 'spend -3', 'spend -2', 'refund 2', 'grant 3'])
    expect(await t.ledger.balance(t.accountId)).toMatchObject({ balance: credits(13), subscription: 0n })
  })

  test('is refused where the account would have more than JSON can tell it, and leaves it usable', async () => {
    const most = 2 ** 32
    await t.grant('topup', credits(most))
    const { requestId } = t.hold(5)
    await t.settle(requestId, credits(5))
    await t.grant('topup', credits(5))
    await expect(refund(requestId)).rejects.toThrow(/more than 4,294,967,296/)
    const next = t.hold(1)
    expect(await t.settle(next.requestId, credits(1))).toMatchObject({ ok: true, receipt: { balance: most - 1 } })
  })

  test('of what cost nothing, was never made, or is another account’s gives nothing', async () => {
    await t.grant('topup', credits(10))
    const free = t.hold(0)
    await t.settle(free.requestId, 0n)
    expect(await refund(free.requestId)).toEqual([{ refunded: 0n, again: false }])
    expect(await refund('req_none')).toEqual([{ refunded: 0n, again: false }])
    const paid = t.hold(1)
    await t.settle(paid.requestId, credits(1))
    const other = { accountId: 'acct_other', requestId: paid.requestId }
    const given = await t.db.transaction().execute((tx) => t.ledger.refundIn(tx, [other], {}))
    expect(given).toEqual([{ refunded: 0n, again: false }])
  })
})
