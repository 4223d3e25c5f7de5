import { expect, test } from 'vitest'
import { createTestLedger, credits } from './testing.js'

test("the month's percent counts what was used up of it before, whatever came in one batch", async () => {
  const t = await createTestLedger()
  const end = t.clock.nowMs() + 86_400_000
  await t.grant('subscription', credits(100), end)
  await t.grant('subscription', credits(100), end)
  const spend = async (amount: number) => {
    const { requestId, result } = t.hold(amount)
    await result
    const settled = await t.settle(requestId, credits(amount))
    return settled.ok && settled.receipt.warnings
  }
  expect(await spend(100)).toEqual([])
  expect(await spend(59)).toEqual([])
  expect(await spend(1)).toEqual([{ of: 'month', percent: 80 }])
  expect(await spend(29)).toEqual([])
  expect(await spend(1)).toEqual([{ of: 'month', percent: 95 }])
  expect((await t.ledger.audit()).differences).toEqual([])
  await t.close()
})
