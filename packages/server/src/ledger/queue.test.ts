import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestLedger, credits, outcome } from './testing.js'

let t: Awaited<ReturnType<typeof createTestLedger>>

beforeEach(async () => {
  t = await createTestLedger()
  await t.grant('topup', credits(100))
})
afterEach(async () => {
  expect((await t.ledger.audit()).differences).toEqual([])
  await t.close()
})

test('an operation that cannot be decided fails alone: what shares its batch goes on', async () => {
  const before = t.hold(5)
  await before.result
  const together = [
    t.settle(before.requestId, credits(2)),
    t.grant('topup', credits(2 ** 32)),
    t.hold(7).result
  ] as const
  const [settled, refused, held] = await Promise.allSettled(together)
  expect(settled).toMatchObject({ value: { ok: true, receipt: { credits: 2, balance: 98 } } })
  expect(refused).toMatchObject({ reason: { code: 'invalid_request' } })
  expect(held).toMatchObject({ value: { ok: true, amount: credits(7) } })
  expect(await t.ledger.balance(t.accountId)).toMatchObject({ balance: credits(98), available: credits(91) })
})

test('a settle that cannot be written fails alone, and its hold is given back', async () => {
  const [one, two] = [t.hold(5), t.hold(5)]
  await Promise.all([one.result, two.result])
  const absurd = t.ledger.settle({
    requestId: one.requestId,
    accountId: t.accountId,
    keyId: t.keyId,
    parentKeyId: null,
    charge: 10n ** 30n,
    outcome: outcome()
  })
  const [failed, settled] = await Promise.allSettled([absurd, t.settle(two.requestId, credits(1))])
  expect(failed.status).toBe('rejected')
  expect(settled).toMatchObject({ value: { ok: true, receipt: { credits: 1, balance: 99 } } })
  expect(await t.ledger.recoverOwn()).toBe(1)
  expect(await t.ledger.balance(t.accountId)).toMatchObject({ balance: credits(99), available: credits(99) })
  expect(await t.ledger.recoverOwn()).toBe(0)
})

test('a hold that cannot be written fails as it was decided, and alone', async () => {
  const [one, two] = [t.hold(5), t.hold(5)]
  await Promise.all([one.result, two.result])
  const again = t.hold(5, { requestId: one.requestId })
  const [failed, settled] = await Promise.allSettled([again.result, t.settle(two.requestId, credits(1))])
  expect(failed).toMatchObject({ reason: { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' } })
  expect(settled).toMatchObject({ value: { ok: true, receipt: { credits: 1, balance: 99 } } })
})
