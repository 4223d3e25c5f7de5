import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  entryAt,
  lengthTierFor,
  parseRateVersion,
  type RateCardEntry,
  type RateWindow,
  ratesOfVersion,
  rateVersion,
  weekSpans,
  windowAt
} from './rate-card.js'

const tokens = { input: 300, output: 1200, cache_read: 6, cache_write_5m: 300, cache_write_1h: 300 }
const workdays = ['mon', 'tue', 'wed', 'thu', 'fri'] as const
const early: RateWindow = { name: 'peak', days: workdays, from: '01:00', to: '04:00', percent: 200 }
const late: RateWindow = { name: 'peak', days: workdays, from: '06:00', to: '10:00', percent: 200 }
const night: RateWindow = { name: 'night', days: ['sat', 'sun'], from: '20:00', to: '24:00', percent: 50 }
const entry: RateCardEntry = {
  from: '2026-11-01',
  ...tokens,
  length_tiers: [
    { above: 1000, ...tokens, input: 600, output: 1800 },
    { above: 5000, ...tokens, input: 900, output: 2400 }
  ],
  windows: [early, late, night],
  per_request: 5,
  per_image: 40_000,
  per_character: 15_000,
  per_audio_second: 100_000,
  server_tools: { web_search: 10_000_000 }
}

describe('windowAt', () => {
  // 2026-11-16 is a Monday.
  const at = (day: number, hour: number, minute = 0, second = 0) => Date.UTC(2026, 10, day, hour, minute, second)
  test.each([
    ['a minute before', at(16, 0, 59, 59), undefined],
    ['its first moment', at(16, 1), early],
    ['its last second', at(16, 3, 59, 59), early],
    ['its end', at(16, 4), undefined],
    ['between the two', at(18, 5, 30), undefined],
    ['the second', at(20, 9, 59), late],
    ['the same hour on Saturday', at(21, 9, 59), undefined],
    ['the last second of Sunday', at(22, 23, 59, 59), night],
    ['the first of Monday', at(23, 0), undefined]
  ])('%s', (_when, ms, window) => {
    expect(windowAt(entry, ms)).toBe(window)
  })

  test('agrees with the spans of the week', () => {
    const monday = at(16, 0)
    fc.assert(
      fc.property(fc.nat({ max: 7 * 24 * 60 - 1 }), (minutes) => {
        const sinceSunday = (minutes + 24 * 60) % (7 * 24 * 60)
        const inside = [early, late, night].filter((window) =>
          weekSpans(window).some(({ start, end }) => start <= sinceSunday && sinceSunday < end)
        )
        expect(windowAt(entry, monday + minutes * 60_000)).toBe(inside[0])
        expect(inside.length).toBeLessThanOrEqual(1)
      })
    )
  })
})

test('an entry holds from the first moment of its UTC day, the first one also before', () => {
  const entries = [entry, { ...entry, from: '2027-01-01' }]
  expect(entryAt(entries, Date.UTC(2026, 11, 31, 23, 59, 59, 999))).toBe(entries[0])
  expect(entryAt(entries, Date.UTC(2027, 0, 1))).toBe(entries[1])
  expect(entryAt(entries, 0)).toBe(entries[0])
  expect(entryAt([], 0)).toBeUndefined()
})

test('a tier begins one token above its bound', () => {
  expect(lengthTierFor(entry, 1000)).toBeUndefined()
  expect(lengthTierFor(entry, 1001)?.above).toBe(1000)
  expect(lengthTierFor(entry, 5000)?.above).toBe(1000)
  expect(lengthTierFor(entry, 1_000_000)?.above).toBe(5000)
  expect(lengthTierFor({}, 1_000_000)).toBeUndefined()
})

describe('versions', () => {
  const model = 'vendor/m:1.5'
  const pieces = { image: 40_000_000_000, request: 5_000_000, 'tool:web_search': 10_000_000_000_000 }

  test.each([
    ['vendor/m:1.5@2026-11-01', undefined, undefined, tokens],
    ['vendor/m:1.5@2026-11-01/peak', early, undefined, { input: 600, output: 2400, cache_read: 12 }],
    ['vendor/m:1.5@2026-11-01/over-1000', undefined, { above: 1000 }, { input: 600, output: 1800, cache_read: 6 }],
    ['vendor/m:1.5@2026-11-01/night/over-5000', night, { above: 5000 }, { input: 450, output: 1200, cache_read: 3 }]
  ])('%s names its numbers, by the piece too', (version, window, tier, expected) => {
    expect(rateVersion({ model, from: entry.from, window, tier })).toBe(version)
    expect(ratesOfVersion(entry, version)).toMatchObject({ ...expected, ...pieces })
  })

  test('what is priced nowhere has no rate', () => {
    const plain = { from: '2026-11-01', ...tokens }
    expect(ratesOfVersion(plain, 'm@2026-11-01')).toEqual(tokens)
  })

  test.each(['m@2026-11-02', 'm@2026-11-01/dawn', 'm@2026-11-01/over-7', 'm', '', 'm@2026-11-01/'])(
    '%s means no number of this entry',
    (version) => {
      expect(ratesOfVersion(entry, version)).toBeUndefined()
    }
  )

  test('are read back as they were written', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/).filter((text) => !/^over-\d/.test(text))
    fc.assert(
      fc.property(fc.option(name), fc.option(fc.nat()), (window, above) => {
        const version = rateVersion({
          model,
          from: '2026-11-01',
          window: window === null ? undefined : { name: window },
          tier: above === null ? undefined : { above }
        })
        expect(parseRateVersion(version)).toEqual({ model, from: '2026-11-01', window, above })
      })
    )
  })
})
