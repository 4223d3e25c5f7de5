import { expect, test } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.js'
import { limiterContract } from './contract.js'
import { createMemoryLimiter } from './memory.js'

limiterContract('memory', createMemoryLimiter)

test('keys that have fallen silent are forgotten', async () => {
  const clock = createFakeClock()
  const limiter = createMemoryLimiter({ clock })
  const limits = { requestsPerMinute: 5, inputTokensPerMinute: null, concurrentStreams: null }
  for (let i = 0; i < 1000; i++) {
    await limiter.reserve({ keyId: `key_${i}`, limits, inputTokens: 1, stream: false })
    clock.advance({ ms: 600 })
  }
  // A minute of requests every 0.6 s.
  expect(limiter.size).toBeLessThanOrEqual(101)
  clock.advance({ ms: 60_000 })
  await limiter.reserve({ keyId: 'key_last', limits, inputTokens: 1, stream: false })
  expect(limiter.size).toBe(1)
})
