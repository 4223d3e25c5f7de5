import { chargeOf, creditsToJson } from '@caicaini/protocol'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { receiptOf } from '../../testing/play-transport.js'
import { explain } from './explain.js'

const receipt = receiptOf({
  parts: [
    { kind: 'input', quantity: 1_234_567, rate: 3_000_000_000 },
    { kind: 'output', quantity: 321, rate: 15_000_000_001 },
    { kind: 'cache_write_1h', quantity: 77_000, rate: 6_000_000_000 },
    { kind: 'image', quantity: 2, rate: 40_000_000_000 },
    { kind: 'tool:web_search', quantity: 3, rate: 10_000_000_000_000 }
  ],
  rate_version: 'claude-sonnet-4-6@2026-02-17/over-200000',
  discount: 15,
  credits: 3_568.993_569,
  from_subscription: 3_000,
  from_topup: 568.993_569,
  uncollected: 0.5
})
const credits = creditsToJson(chargeOf(receipt.parts, 15)) - 0.5
const good = { ...receipt, credits, from_topup: credits - 3_000 }

test('at 80 columns: each part, the sum, what came off, where it was taken from, and that it adds up', () => {
  const { text, agrees } = explain(good, 80)
  expect(agrees).toBe(true)
  expect(text).toMatchInlineSnapshot(`
    "request    req_0193abcd
    rate card  claude-sonnet-4-6@2026-02-17/over-200000
    status     complete

    input  1,234,567 × 3,000/M        3,703.701
    output  321 × 15,000.000001/M         4.815000000321
    cache write 1h  77,000 × 6,000/M    462
    image  2 × 0.04                       0.08
    web search  3 × 10                   30
                                      ────────────────────
    sum                               4,200.596000000321
    15 % off                           −630.08940000004815
    rounded up by                         0.00000099972715
    charge                            3,570.506601
    from the subscription             3,000
    from top-ups and grants             570.006601
    uncollected                           0.5

    Amounts in credits; /M is for a million tokens.
    Recomputed: equals the receipt's 3,570.006601 credits + 0.5 uncollected, to the
    micro-credit.
    "
  `)
})

test('at 40 columns nothing is cut and nothing runs over', () => {
  const { text } = explain(good, 40)
  for (const line of text.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(40)
  expect(text).toContain('input  1,234,567 × 3,000/M')
  expect(text).toContain('4,200.596000000321')
})

describe('whether it adds up', () => {
  test('one micro-credit more or less is told', () => {
    for (const off of [0.000001, -0.000001]) {
      const { text, agrees } = explain({ ...good, credits: good.credits + off })
      expect(agrees).toBe(false)
      expect(text).toMatch(/but not .*\n?.*0\.000001 apart/)
    }
  })

  test('a request that was not billed is the sum of nothing', () => {
    const none = receiptOf({ status: 'failed', parts: [], credits: 0, from_subscription: 0 })
    expect(explain(none)).toMatchObject({ agrees: true, text: expect.stringMatching(/^charge +0$/m) })
  })

  test('holds for every receipt that the server could write', () => {
    const part = fc.record({
      kind: fc.constantFrom('input', 'image', 'of_tomorrow'),
      quantity: fc.nat({ max: 10_000_000 }),
      rate: fc.nat({ max: 60_000_000 })
    })
    fc.assert(
      fc.property(fc.array(part), fc.integer({ min: 0, max: 100 }), (parts, discount) => {
        const credits = creditsToJson(chargeOf(parts, discount))
        const { agrees, text } = explain(receiptOf({ parts, discount, credits, uncollected: 0 }), 40)
        expect(agrees).toBe(true)
        for (const line of text.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(40)
      })
    )
  })
})
