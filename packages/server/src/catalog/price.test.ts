import { COST_UNITS_PER_MICRO, ceilDiv } from '@caicaini/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadCatalog } from './load.js'
import {
  type CacheWriteTtl,
  type HoldCost,
  holdCost,
  NO_USAGE,
  priceOf,
  type Rate,
  rateAt,
  type Usage
} from './price.js'

const catalog = loadCatalog({ readFile: () => '' })
const opus = catalog.models[0]
if (!opus) throw new Error('the catalog has no model')
const opusRate = rateAt(opus, Date.UTC(2026, 10, 21))

const tokens = fc.nat({ max: 2_000_000 })
const usages: fc.Arbitrary<Usage> = fc.record({
  inputTokens: tokens,
  outputTokens: tokens,
  cacheReadTokens: tokens,
  cacheWrite5mTokens: tokens,
  cacheWrite1hTokens: tokens
})
const perMillion = fc.bigInt({ min: 0n, max: 60_000_000_000n })
const rates: fc.Arbitrary<Rate> = fc.record({
  version: fc.constant('m@2026-01-01'),
  input: perMillion,
  output: perMillion,
  cacheRead: perMillion,
  cacheWrite5m: perMillion,
  cacheWrite1h: perMillion
})
const discounts = fc.integer({ min: 0, max: 100 })

describe('priceOf', () => {
  test('charges list prices: a thousand tokens in and out of Opus are 30 credits', () => {
    const price = priceOf(opusRate, { ...NO_USAGE, inputTokens: 1000, outputTokens: 1000 }, 0)
    expect(price.micro).toBe(30_000_000n)
    expect(price.parts).toEqual([
      { kind: 'input', quantity: 1000, rate: 5_000_000_000 },
      { kind: 'output', quantity: 1000, rate: 25_000_000_000 }
    ])
  })

  test('is the exact rational sum of its parts less the discount, rounded up once', () => {
    fc.assert(
      fc.property(rates, usages, discounts, (rate, usage, discount) => {
        const { micro, parts } = priceOf(rate, usage, discount)
        // exact = numerator / 10⁸; micro is the least whole number not below it.
        let numerator = 0n
        for (const part of parts) numerator += BigInt(part.quantity) * BigInt(part.rate) * BigInt(100 - discount)
        expect(micro * 100_000_000n >= numerator).toBe(true)
        expect((micro - 1n) * 100_000_000n < numerator).toBe(true)
        const quantities = parts.reduce((sum, part) => sum + part.quantity, 0)
        expect(quantities).toBe(Object.values(usage).reduce((sum, count) => sum + count, 0))
      })
    )
  })

  test('costs nothing where nothing was used, and one micro-credit where hardly anything was', () => {
    expect(priceOf(opusRate, NO_USAGE, 0)).toEqual({ parts: [], micro: 0n })
    expect(priceOf({ ...opusRate, input: 1n }, { ...NO_USAGE, inputTokens: 1 }, 0).micro).toBe(1n)
  })
})

describe('holdCost', () => {
  const total = ({ inputCost, outputRate }: HoldCost, maxTokens: number) =>
    ceilDiv(inputCost + outputRate * BigInt(maxTokens), COST_UNITS_PER_MICRO)

  test('covers every way the same tokens can be priced', () => {
    fc.assert(
      fc.property(rates, usages, discounts, (rate, usage, discount) => {
        const inputTokens =
          usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens
        const hold = holdCost(rate, { inputTokens, cacheWriteTtl: '1h' }, discount)
        expect(priceOf(rate, usage, discount).micro <= total(hold, usage.outputTokens)).toBe(true)
      })
    )
  })

  test('uses the cache-write rate only where a cache is written', () => {
    const million = (cacheWriteTtl: CacheWriteTtl) =>
      total(holdCost(opusRate, { inputTokens: 1_000_000, cacheWriteTtl }, 0), 0)
    expect(million('none')).toBe(5_000_000_000n)
    expect(million('5m')).toBe(6_250_000_000n)
    expect(million('1h')).toBe(10_000_000_000n)
  })

  test('takes the discount off input and output alike', () => {
    const hold = holdCost(opusRate, { inputTokens: 1_000_000, cacheWriteTtl: 'none' }, 25)
    expect(total(hold, 1_000_000)).toBe(22_500_000_000n)
  })
})

test('rateAt takes the last rate that has begun, by the UTC day', () => {
  const first = opus.rates[0]
  if (!first) throw new Error('no rate')
  const model = { ...opus, rates: [first, { ...first, from: '2027-01-01', input: 7 }] }
  expect(rateAt(model, Date.UTC(2026, 11, 31, 23, 59, 59, 999)).version).toBe('claude-opus-4-7@2026-04-16')
  expect(rateAt(model, Date.UTC(2027, 0, 1))).toMatchObject({ version: 'claude-opus-4-7@2027-01-01', input: 7n })
  expect(rateAt(model, 0).version).toBe('claude-opus-4-7@2026-04-16')
})
