import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTestLedger } from './testing.js'

/*
 * Random lives of an account: whatever is granted, held, settled, released, expired and recovered, in
 * whatever order and in whatever batches, the books agree and nothing is made or lost.
 */

const small = fc.integer({ min: 0, max: 40 })

const step = fc.oneof(
  fc.record({ kind: fc.constant('grant' as const), credits: fc.integer({ min: 1, max: 50 }), days: fc.option(small) }),
  fc.record({ kind: fc.constant('hold' as const), tokens: small, least: small }),
  fc.record({ kind: fc.constant('settle' as const), which: fc.nat(), micro: fc.bigInt({ min: 0n, max: 60_000_000n }) }),
  fc.record({ kind: fc.constant('release' as const), which: fc.nat() }),
  fc.record({ kind: fc.constant('wait' as const), hours: fc.integer({ min: 0, max: 24 * 30 }) }),
  fc.record({ kind: fc.constant('recover' as const) })
)

test('nothing is made and nothing is lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { maxLength: 5 }), { maxLength: 12 }), fc.bigInt(0n, 90_000_000n), live),
    { numRuns: 120 }
  )
}, 60_000)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Each inner list is submitted at once: one batch, or several, as the queue finds it. */
async function live(batches: Step[][], quota: bigint): Promise<void> {
  const t = await createTestLedger({ quota })
  const requests: string[] = []
  const resolved = new Map<string, number>()
  let granted = 0n

  async function take(each: Step): Promise<void> {
    switch (each.kind) {
      case 'grant': {
        const amount = BigInt(each.credits) * 1_000_000n
        granted += amount
        const expiresAtMs = each.days === null ? undefined : t.clock.nowMs() + 1 + each.days * 86_400_000
        await t.grant(each.days === null ? 'topup' : 'promotion', amount, expiresAtMs)
        return
      }
      case 'hold': {
        const { requestId, result } = t.hold(each.tokens, { tokensLeast: Math.min(each.least, each.tokens) })
        requests.push(requestId)
        const held = await result
        if (held.ok) expect(held.tokens).toBeGreaterThanOrEqual(Math.min(each.least, each.tokens))
        return
      }
      case 'settle':
      case 'release': {
        const requestId = requests[each.which % requests.length]
        if (requestId === undefined) return
        const end = await (each.kind === 'settle' ? t.settle(requestId, each.micro) : t.release(requestId))
        if (end.ok) resolved.set(requestId, (resolved.get(requestId) ?? 0) + 1)
        return
      }
      case 'wait':
        t.clock.advance({ minutes: each.hours * 60 })
        return
      case 'recover':
        await t.ledger.recover(t.instanceId, 1n)
    }
  }

  for (const batch of batches) {
    await Promise.all(batch.map(take))
    expect((await t.ledger.audit()).differences).toEqual([])
  }
  expect([...resolved.values()].every((times) => times === 1)).toBe(true)
  const entries = await t.db.selectFrom('entry').select('amount').where('kind', '=', 'spend').execute()
  const grants = await t.db.selectFrom('grant').select('remaining').execute()
  const spent = entries.reduce((sum, { amount }) => sum - amount, 0n)
  expect(grants.reduce((sum, { remaining }) => sum + remaining, 0n)).toBe(granted - spent)
  await t.close()
}
