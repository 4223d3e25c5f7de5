import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addMonths, daysIn, daysLeft, monthEndMs, monthOf, monthStartMs, prorate } from './months.js'

const moment = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2120, 0, 1) })

test('every moment is in its month, and in no other', () => {
  fc.assert(
    fc.property(moment, (atMs) => {
      const month = monthOf(atMs)
      expect(monthStartMs(month)).toBeLessThanOrEqual(atMs)
      expect(monthEndMs(month)).toBeGreaterThan(atMs)
      expect(monthOf(monthStartMs(month))).toBe(month)
      expect(monthOf(monthEndMs(month) - 1)).toBe(month)
      expect(monthEndMs(month)).toBe(monthStartMs(addMonths(month, 1)))
    })
  )
})

test('months add up, over years and back', () => {
  fc.assert(
    fc.property(moment, fc.integer({ min: -240, max: 240 }), fc.integer({ min: -240, max: 240 }), (atMs, a, b) => {
      const month = monthOf(atMs)
      expect(addMonths(addMonths(month, a), b)).toBe(addMonths(month, a + b))
      expect(addMonths(month, 1) > month).toBe(true)
    })
  )
  expect(addMonths('2026-01', 1)).toBe('2026-02')
  expect(addMonths('2026-12', 1)).toBe('2027-01')
  expect(addMonths('2027-01', -1)).toBe('2026-12')
})

test.each([
  ['2026-02', 28],
  ['2028-02', 29],
  ['2100-02', 28],
  ['2026-04', 30],
  ['2026-12', 31]
])('%s has %i days', (month, days) => {
  expect(daysIn(month)).toBe(days)
  expect(daysLeft(monthStartMs(month))).toBe(days)
  expect(daysLeft(monthEndMs(month) - 1)).toBe(1)
})

test('a prorated amount is never more than the month, never less than its share less one', () => {
  const amount = fc.bigInt({ min: 0n, max: 10n ** 15n })
  fc.assert(
    fc.property(moment, amount, (atMs, monthly) => {
      const part = prorate(monthly, atMs)
      const days = BigInt(daysIn(monthOf(atMs)))
      expect(part <= monthly).toBe(true)
      expect(part * days <= monthly * BigInt(daysLeft(atMs))).toBe(true)
      expect((part + 1n) * days > monthly * BigInt(daysLeft(atMs))).toBe(true)
      expect(prorate(monthly, monthStartMs(monthOf(atMs)))).toBe(monthly)
    })
  )
})

test('the days of a month after the 30th and the 31st are the same share of it', () => {
  expect(prorate(31n, Date.UTC(2027, 0, 31))).toBe(1n)
  expect(prorate(30n, Date.UTC(2027, 3, 30, 23, 59, 59, 999))).toBe(1n)
  expect(prorate(29n, Date.UTC(2028, 1, 29))).toBe(1n)
})
