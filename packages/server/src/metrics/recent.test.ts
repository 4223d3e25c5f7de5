import { expect, test } from 'vitest'
import { endedCall } from '../testing/ended-call.js'
import { createFakeClock } from '../testing/fake-clock.js'
import { createRecent } from './recent.js'

const way = { provider: 'p', model: 'm' }

test('percentiles of what was answered, at most a fifth too high', () => {
  const { observer, view } = createRecent({ clock: createFakeClock() })
  for (let i = 1; i <= 100; i++) {
    observer.asked(way)
    observer.ended({ ...endedCall, firstTokenMs: i * 10, latencyMs: i * 100 })
  }
  const [{ asked, failed, firstTokenMs, latencyMs } = {} as never] = view()
  expect({ asked, failed }).toEqual({ asked: 100, failed: 0 })
  for (const [found, exact] of [
    [firstTokenMs?.p50, 500],
    [firstTokenMs?.p99, 990],
    [latencyMs?.p50, 5_000],
    [latencyMs?.p95, 9_500]
  ] as const) {
    expect(found).toBeGreaterThanOrEqual(exact)
    expect(found).toBeLessThanOrEqual(exact * 1.2 + 1)
  }
})

test('a failure counts, and how long it took does not', () => {
  const { observer, view } = createRecent({ clock: createFakeClock() })
  observer.asked(way)
  observer.failed({ ...way, code: 'overloaded', inAnswer: false })
  observer.ended({ ...endedCall, status: 'failed', firstTokenMs: null, latencyMs: 60_000 })
  expect(view()).toEqual([{ ...way, asked: 1, failed: 1, firstTokenMs: null, latencyMs: null }])
})

test('what is older than fifteen minutes is forgotten, minute by minute', () => {
  const clock = createFakeClock()
  const { observer, view } = createRecent({ clock })
  observer.asked(way)
  clock.advance({ minutes: 14 })
  observer.asked(way)
  expect(view()).toMatchObject([{ asked: 2 }])
  clock.advance({ minutes: 1 })
  expect(view()).toMatchObject([{ asked: 1 }])
  clock.advance({ minutes: 14 })
  expect(view()).toEqual([])
})
