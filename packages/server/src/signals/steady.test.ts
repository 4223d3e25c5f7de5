import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSteady, SAMPLE_MS, steadyLevelOf } from './steady.js'

const SAMPLES = 360
const of = (runs: (minute: number) => number, minutes = SAMPLES) => Array.from({ length: minutes }, (_, i) => runs(i))

/** What is raised of an account with so many requests at once, minute by minute. */
function watch(runs: readonly number[], everyMs = SAMPLE_MS) {
  const steady = createSteady()
  return runs.flatMap((count, i) =>
    steady.sample(new Map(count > 0 ? [['ada', count]] : []), i * everyMs).map((found) => ({ minute: i, ...found }))
  )
}

describe('requests at once', () => {
  test.each([
    ['always five', of(() => 5), 5],
    ['three, as few as count', of(() => 3), 3],
    ['two', of(() => 2), undefined],
    ['one about four', of((i) => 3 + (i % 3)), 4],
    ['three or five', of((i) => 3 + 2 * (i % 2)), 4],
    ['two or six', of((i) => 2 + 4 * (i % 2)), undefined],
    ['five, but for eighteen minutes', of((i) => (i < 18 ? 0 : 5)), 5],
    ['five, but for nineteen', of((i) => (i < 19 ? 0 : 5)), undefined],
    ['forty, a tenth about', of((i) => 36 + (i % 9)), 40],
    ['forty, more about', of((i) => 30 + (i % 21)), undefined],
    ['slowly more', of((i) => 3 + Math.floor(i / 60)), undefined]
  ])('%s', (_, samples, level) => expect(steadyLevelOf(samples)?.level).toBe(level))

  test('a level that is found has nearly all near it, and one that is missed has not', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(
        counts,
        fc.array(fc.nat({ max: 20 }), { minLength: SAMPLES, maxLength: SAMPLES }),
        (levels, picks) => {
          const samples = picks.map((pick) => levels[pick > 2 ? 0 : pick] ?? 0)
          const isNear = (level: number) =>
            samples.filter((count) => Math.abs(count - level) > Math.max(1, Math.floor(level / 10))).length <= 18
          const found = steadyLevelOf(samples)
          const median = samples.toSorted((a, b) => a - b)[SAMPLES / 2] ?? 0
          const any = median >= 3 && of((i) => i + 3, 60).some(isNear)
          expect(found === undefined).toBe(!any)
          if (found) expect(isNear(found.level)).toBe(true)
        }
      )
    )
  })
})

describe('an account', () => {
  test('is told of after six hours, not before', () => {
    const [first] = watch(of(() => 4, 400))
    expect(first).toEqual({
      minute: 359,
      accountId: 'ada',
      signal: { kind: 'steady', evidence: { requests_at_once: 4, percent_of_the_time: 100, hours: 6 } }
    })
  })

  test('that pauses for half an hour begins anew', () => {
    const runs = [...of(() => 4, 300), ...of(() => 0, 30), ...of(() => 4, 360)]
    expect(watch(runs)[0]?.minute).toBe(300 + 30 + 359)
  })

  test('of a machine that slept begins anew', () => {
    const steady = createSteady()
    const found = of(() => 4, 400).flatMap((count, i) =>
      steady.sample(new Map([['ada', count]]), i * SAMPLE_MS + (i < 200 ? 0 : 3_600_000))
    )
    expect(found).toEqual([])
  })

  test('is told of apart from others', () => {
    const steady = createSteady()
    const found = of(() => 4).flatMap((count, i) =>
      steady.sample(
        new Map([
          ['ada', count],
          ['bob', i % 10]
        ]),
        i * SAMPLE_MS
      )
    )
    expect(found.map(({ accountId }) => accountId)).toEqual(['ada'])
  })
})
