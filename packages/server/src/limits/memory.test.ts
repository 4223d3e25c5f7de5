import { expect, test } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.js'
import { mixedEndings } from './contract/mixed-endings.js'
import { limiterContract } from './contract.js'
import { createMemoryLimiter } from './memory.js'

limiterContract('memory', createMemoryLimiter)

const limits = { requestsPerMinute: 5, inputTokensPerMinute: null, concurrentStreams: null, concurrentRequests: 5 }

test('keys that have fallen silent are forgotten', async () => {
  const clock = createFakeClock()
  const limiter = createMemoryLimiter({ clock })
  for (let i = 0; i < 1000; i++) {
    const reservation = await limiter.reserve({ keyId: `key_${i}`, limits, inputTokens: 1, stream: false })
    if (reservation.ok) reservation.commit({ inputTokens: 1 })
    clock.advance({ ms: 600 })
  }
  // A minute of requests every 0.6 s.
  expect(limiter.size).toBeLessThanOrEqual(101)
  expect(limiter.busy).toBe(0)
  clock.advance({ ms: 60_000 })
  await limiter.reserve({ keyId: 'key_last', limits, inputTokens: 1, stream: false })
  expect(limiter.size).toBe(1)
})

test('a key is remembered as long as it has a request under way, and no longer', async () => {
  const clock = createFakeClock()
  const limiter = createMemoryLimiter({ clock })
  const reservation = await limiter.reserve({ keyId: 'key_1', limits, inputTokens: 1, stream: true })
  clock.advance({ minutes: 60 })
  await limiter.peek({ keyId: 'key_1', limits })
  expect(limiter.busy).toBe(1)
  if (reservation.ok) reservation.cancel()
  expect(limiter.busy).toBe(0)
})

test('after 10,000 mixed endings nothing is remembered but the last minute', async () => {
  const { clock, limiter } = await mixedEndings(createMemoryLimiter, { keys: 50 })
  expect(limiter.busy).toBe(0)
  expect(limiter.size).toBeLessThanOrEqual(50)
  clock.advance({ minutes: 1 })
  await limiter.reserve({ keyId: 'key_last', limits, inputTokens: 1, stream: false })
  expect(limiter.size).toBe(1)
})
