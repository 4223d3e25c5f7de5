import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ceilDiv, creditsFromJson, creditsToJson, formatCredits, parseCredits } from './money.js'

const micro = fc.bigInt({ min: -(2n ** 32n) * 1_000_000n, max: 2n ** 32n * 1_000_000n })

test('credits survive JSON to the micro-credit', () => {
  fc.assert(
    fc.property(micro, (amount) => creditsFromJson(JSON.parse(JSON.stringify(creditsToJson(amount)))) === amount),
    { numRuns: 2000 }
  )
})

test('credits in JSON have at most six places', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), (amount) => {
      const text = JSON.stringify(creditsToJson(amount))
      // Below a thousandth JSON writes exponents; the value is the same.
      return text.includes('e') || (text.split('.')[1] ?? '').length <= 6
    })
  )
})

test('amounts that JSON cannot carry exactly are refused, not rounded', () => {
  expect(() => creditsToJson(2n ** 32n * 1_000_000n + 1n)).toThrow(RangeError)
  expect(() => creditsFromJson(Number.NaN)).toThrow(RangeError)
  expect(() => creditsFromJson(1e12)).toThrow(RangeError)
})

test('people read thousands apart and no trailing zeros', () => {
  expect(formatCredits(9_912_300_000n)).toBe('9,912.3')
  expect(formatCredits(0n)).toBe('0')
  expect(formatCredits(-1_234_567_890_000n)).toBe('-1,234,567.89')
  expect(formatCredits(2_756_000n, { decimalsMax: 2 })).toBe('2.76')
  expect(formatCredits(999_999_999n, { decimalsMax: 2 })).toBe('1,000')
  expect(formatCredits(118n, { decimalsMax: 2 })).toBe('0.0001')
})

test('a typed amount is read exactly or not at all', () => {
  expect(parseCredits('1,250.5')).toBe(1_250_500_000n)
  expect(parseCredits('-0.000001')).toBe(-1n)
  for (const bad of ['', '1e3', '1.0000001', 'ten', '1.', '--1']) expect(parseCredits(bad)).toBeUndefined()
})

test('ceilDiv rounds up, once', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.bigInt({ min: 1n, max: 10n ** 12n }), (a, b) => {
      const q = ceilDiv(a, b)
      return q * b >= a && (q - 1n) * b < a
    })
  )
})
