import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chargeOf, sumOfParts } from './charge.js'

const parts = fc.array(
  fc
    .record({ quantity: fc.nat({ max: 10_000_000 }), rate: fc.maxSafeNat() })
    .map((part) => ({ kind: 'input', ...part }))
)
const discounts = fc.integer({ min: 0, max: 100 })

test('a charge is the exact sum less the discount, rounded up once', () => {
  fc.assert(
    fc.property(parts, discounts, (some, discount) => {
      const exact = sumOfParts(some) * BigInt(100 - discount)
      const charge = chargeOf(some, discount)
      expect(charge * 100_000_000n >= exact).toBe(true)
      expect((charge - 1n) * 100_000_000n < exact).toBe(true)
    })
  )
})

test('the order of the parts, and one split in two, change nothing', () => {
  fc.assert(
    fc.property(parts, discounts, fc.nat(), (some, discount, cut) => {
      const split = some.flatMap((part) => {
        const first = cut % (part.quantity + 1)
        return [
          { ...part, quantity: first },
          { ...part, quantity: part.quantity - first }
        ]
      })
      expect(chargeOf(split.toReversed(), discount)).toBe(chargeOf(some, discount))
    })
  )
})

test('hardly anything is one micro-credit, nothing is none, and all off is none', () => {
  expect(chargeOf([{ quantity: 1, rate: 1 }], 0)).toBe(1n)
  expect(chargeOf([], 0)).toBe(0n)
  expect(chargeOf([{ quantity: 7, rate: 1_000_000_000 }], 100)).toBe(0n)
  // 2 searches at 10 credits each, as a rate per million.
  expect(chargeOf([{ quantity: 2, rate: 10_000_000 * 1_000_000 }], 0)).toBe(20_000_000n)
})
