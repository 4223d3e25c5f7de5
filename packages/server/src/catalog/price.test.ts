import { COST_UNITS_PER_MICRO, ceilDiv, chargeOf, ratesOfVersion } from '@caicaini/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadCatalog } from './load.js'
import {
  type CacheWriteTtl,
  type Expected,
  type HoldCost,
  holdCost,
  NO_USAGE,
  partRates,
  priceOf,
  type Rate,
  rateAt,
  totalInput,
  type Usage,
  versionOf
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
  cacheWrite1hTokens: tokens,
  toolCalls: fc.record({ web_search: fc.nat({ max: 100 }) })
})
const perMillion = fc.nat({ max: 600_000_000 }).map((hundreds) => hundreds * 100)
const tokenRates = fc.record({
  input: perMillion,
  output: perMillion,
  cache_read: perMillion,
  cache_write_5m: perMillion,
  cache_write_1h: perMillion
})
const piece = fc.option(fc.nat({ max: 100_000_000 }), { nil: undefined })
const window = fc.record({ percent: fc.integer({ min: 1, max: 500 }) }).map(({ percent }) => ({
  name: 'peak',
  days: ['mon' as const],
  from: '00:00',
  to: '24:00',
  percent
}))
/** Rates of every shape: with tiers that cost more or less than the one before, windows, pieces. */
const rates: fc.Arbitrary<Rate> = fc
  .record({
    base: tokenRates,
    tiers: fc.uniqueArray(fc.record({ above: fc.integer({ min: 1, max: 3_000_000 }), rates: tokenRates }), {
      maxLength: 3,
      selector: ({ above }) => above
    }),
    window: fc.option(window, { nil: undefined }),
    per_request: piece,
    per_image: piece,
    search: piece
  })
  .map(({ base, tiers, window, per_request, per_image, search }) => ({
    model: 'm',
    entry: {
      from: '2026-01-01',
      ...base,
      length_tiers: tiers.map(({ above, rates }) => ({ above, ...rates })).sort((a, b) => a.above - b.above),
      ...(window && { windows: [window] }),
      per_request,
      per_image,
      ...(search !== undefined && { server_tools: { web_search: search } })
    },
    window
  }))
const discounts = fc.integer({ min: 0, max: 100 })
const imageCounts = fc.nat({ max: 20 })

describe('priceOf', () => {
  test('charges list prices: a thousand tokens in and out of Opus are 30 credits', () => {
    const usage = { ...NO_USAGE, inputTokens: 1000, outputTokens: 1000 }
    expect(priceOf(opusRate, { usage, images: 3 }, 0)).toEqual({
      version: 'claude-opus-4-7@2026-04-16',
      micro: 30_000_000n,
      parts: [
        { kind: 'input', quantity: 1000, rate: 5_000_000_000 },
        { kind: 'output', quantity: 1000, rate: 25_000_000_000 }
      ]
    })
  })

  test('is the exact rational sum of its parts less the discount, rounded up once', () => {
    fc.assert(
      fc.property(rates, usages, imageCounts, discounts, (rate, usage, images, discount) => {
        const { micro, parts } = priceOf(rate, { usage, images }, discount)
        // exact = numerator / 10⁸; micro is the least whole number not below it.
        let numerator = 0n
        for (const part of parts) numerator += BigInt(part.quantity) * BigInt(part.rate) * BigInt(100 - discount)
        expect(micro * 100_000_000n >= numerator).toBe(true)
        expect((micro - 1n) * 100_000_000n < numerator).toBe(true)
        const ofTokens = parts.filter(({ kind }) => !/^(image|request|tool:.*)$/.test(kind))
        const quantities = ofTokens.reduce((sum, part) => sum + part.quantity, 0)
        expect(quantities).toBe(totalInput(usage) + usage.outputTokens)
      })
    )
  })

  test('can be repeated from the published entry, the version and the quantities alone', () => {
    fc.assert(
      fc.property(rates, usages, imageCounts, discounts, (rate, usage, images, discount) => {
        const { micro, parts, version } = priceOf(rate, { usage, images }, discount)
        const published = JSON.parse(JSON.stringify(rate.entry))
        const numbers = ratesOfVersion(published, version) ?? {}
        const again = parts.map(({ kind, quantity }) => ({ quantity, rate: numbers[kind] ?? -1 }))
        expect(chargeOf(again, discount)).toBe(micro)
      })
    )
  })

  test('the whole request is of the tier that its whole input, cached tokens among it, falls into', () => {
    const entry = { ...opusRate.entry, length_tiers: [{ ...opusRate.entry, above: 200_000, input: 7_000_000_000 }] }
    const rate = { ...opusRate, entry }
    const at = (usage: Partial<Usage>) => priceOf(rate, { usage: { ...NO_USAGE, ...usage }, images: 0 }, 0)
    expect(at({ inputTokens: 100_000, cacheReadTokens: 100_000 })).toMatchObject({
      version: 'claude-opus-4-7@2026-04-16',
      parts: [{ kind: 'input', rate: 5_000_000_000 }, {}]
    })
    expect(at({ inputTokens: 100_000, cacheReadTokens: 100_001 })).toMatchObject({
      version: 'claude-opus-4-7@2026-04-16/over-200000',
      parts: [{ kind: 'input', rate: 7_000_000_000 }, {}]
    })
  })

  test('what is priced by the piece has its parts beside the tokens', () => {
    const entry = { ...opusRate.entry, per_request: 5, per_image: 4_000, server_tools: { web_search: 10_000_000 } }
    const usage = { ...NO_USAGE, inputTokens: 1, toolCalls: { web_search: 2, web_fetch: 9 } }
    expect(priceOf({ ...opusRate, entry }, { usage, images: 3 }, 0)).toMatchObject({
      parts: [
        { kind: 'input', quantity: 1 },
        { kind: 'image', quantity: 3, rate: 4_000_000_000 },
        { kind: 'request', quantity: 1, rate: 5_000_000 },
        { kind: 'tool:web_search', quantity: 2, rate: 10_000_000_000_000 }
      ],
      micro: 5_000n + 12_000n + 5n + 20_000_000n
    })
  })

  test('costs nothing where nothing was used, and one micro-credit where hardly anything was', () => {
    expect(priceOf(opusRate, { usage: NO_USAGE, images: 0 }, 0)).toMatchObject({ parts: [], micro: 0n })
    const cheap = { ...opusRate, entry: { ...opusRate.entry, input: 1 } }
    expect(priceOf(cheap, { usage: { ...NO_USAGE, inputTokens: 1 }, images: 0 }, 0).micro).toBe(1n)
  })
})

describe('holdCost', () => {
  const total = ({ inputCost, outputRate }: HoldCost, maxTokens: number) =>
    ceilDiv(inputCost + outputRate * BigInt(maxTokens), COST_UNITS_PER_MICRO)
  const expected: Expected = { inputTokens: 1_000_000, cacheWriteTtl: 'none', images: 0, toolCallsMax: {} }

  test('covers every way the same or a shorter request can be priced', () => {
    fc.assert(
      fc.property(rates, usages, imageCounts, tokens, discounts, (rate, usage, images, more, discount) => {
        const inputTokens = totalInput(usage) + more
        const ask = { inputTokens, cacheWriteTtl: '1h', images, toolCallsMax: usage.toolCalls } as const
        const hold = holdCost(rate, ask, discount)
        const price = priceOf(rate, { usage, images }, discount)
        expect(price.micro <= total(hold, usage.outputTokens)).toBe(true)
      })
    )
  })

  test('uses the cache-write rate only where a cache is written', () => {
    const million = (cacheWriteTtl: CacheWriteTtl) => total(holdCost(opusRate, { ...expected, cacheWriteTtl }, 0), 0)
    expect(million('none')).toBe(5_000_000_000n)
    expect(million('5m')).toBe(6_250_000_000n)
    expect(million('1h')).toBe(10_000_000_000n)
  })

  test('takes the discount off input and output alike', () => {
    expect(total(holdCost(opusRate, expected, 25), 1_000_000)).toBe(22_500_000_000n)
  })

  test('a tier that the estimate does not reach raises nothing', () => {
    const entry = { ...opusRate.entry, length_tiers: [{ ...opusRate.entry, above: 1_000_000, output: 1e11 }] }
    const rate = { ...opusRate, entry }
    expect(holdCost(rate, expected, 0).outputRate).toBe(25_000_000_000n * 100n)
    expect(holdCost(rate, { ...expected, inputTokens: 1_000_001 }, 0).outputRate).toBe(100_000_000_000n * 100n)
  })
})

describe('rateAt', () => {
  const first = opus.rates[0]
  if (!first) throw new Error('no rate')

  test('takes the last rate that has begun, by the UTC day', () => {
    const model = { ...opus, rates: [first, { ...first, from: '2027-01-01', input: 7 }] }
    const versionAt = (atMs: number) => versionOf(rateAt(model, atMs), 0)
    expect(versionAt(Date.UTC(2026, 11, 31, 23, 59, 59, 999))).toBe('claude-opus-4-7@2026-04-16')
    expect(versionAt(Date.UTC(2027, 0, 1))).toBe('claude-opus-4-7@2027-01-01')
    expect(partRates(rateAt(model, Date.UTC(2027, 0, 1)), 0)).toMatchObject({ input: 7 })
    expect(versionAt(0)).toBe('claude-opus-4-7@2026-04-16')
  })

  test('takes the window of the hour, which multiplies tokens and no pieces', () => {
    const windows = [{ name: 'peak', days: ['mon' as const], from: '01:00', to: '04:00', percent: 200 }]
    const model = { ...opus, rates: [{ ...first, windows, per_image: 9 }] }
    const peak = rateAt(model, Date.UTC(2026, 10, 16, 3, 59))
    expect(versionOf(peak, 0)).toBe('claude-opus-4-7@2026-04-16/peak')
    expect(partRates(peak, 0)).toMatchObject({ input: 10_000_000_000, output: 50_000_000_000, image: 9_000_000 })
    expect(versionOf(rateAt(model, Date.UTC(2026, 10, 16, 4)), 0)).toBe('claude-opus-4-7@2026-04-16')
  })
})
