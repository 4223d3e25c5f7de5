import { EXIT } from '@caicaini/protocol'
import { describe, expect, test } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.js'
import { CliError } from './cli-error.js'
import { decideRetry, withRetries } from './retry.js'

const overloaded = new CliError(EXIT.network, 'overloaded', { retryable: true })
const random = () => 0.5

describe('decideRetry', () => {
  test.each([
    ['backs off from half a second, with full jitter', overloaded, { attempt: 1, elapsedMs: 0 }, 250],
    ['doubles with each attempt', overloaded, { attempt: 4, elapsedMs: 0 }, 2000],
    ['takes the server at its word', limited(7000), { attempt: 1, elapsedMs: 0 }, 7000]
  ])('%s', (_name, error, state, waitMs) => {
    expect(decideRetry(error, { ...state, random })).toEqual({ retry: true, waitMs })
  })

  test.each([
    ['an error that trying again cannot mend', new CliError(EXIT.auth, 'no'), { attempt: 1, elapsedMs: 0 }],
    ['the fifth attempt', overloaded, { attempt: 5, elapsedMs: 0 }],
    ['a wait beyond the budget', limited(31_000), { attempt: 1, elapsedMs: 0 }],
    ['a wait that would outlast the budget', limited(6_000), { attempt: 2, elapsedMs: 25_000 }]
  ])('%s is the end', (_name, error, state) => {
    expect(decideRetry(error, { ...state, random })).toEqual({ retry: false })
  })
})

test('a rate limit beyond the budget says when it ends', async () => {
  const clock = createFakeClock()
  const attempt = () => Promise.reject(limited(90_000))
  const failed = withRetries(attempt, { clock, random, signal: new AbortController().signal })
  await expect(failed).rejects.toMatchObject({ exit: 6, message: 'slow down (try again in 90 s, at 10:01:30 UTC)' })
})

test('waits between attempts and gives the first success', async () => {
  const clock = createFakeClock()
  let attempts = 0
  const attempt = async () => {
    if (++attempts < 3) throw limited(4_000)
    return attempts
  }
  const result = withRetries(attempt, { clock, random, signal: new AbortController().signal })
  await clock.advance(7_999)
  expect(attempts).toBe(2)
  await clock.advance(1)
  expect(await result).toBe(3)
})

test('a wait ends when the user stops it', async () => {
  const clock = createFakeClock()
  const stop = new AbortController()
  const result = withRetries(() => Promise.reject(overloaded), { clock, random, signal: stop.signal })
  const refused = expect(result).rejects.toThrow('enough')
  await clock.advance(1)
  stop.abort(new Error('enough'))
  await refused
})

function limited(retryAfterMs: number): CliError {
  return new CliError(EXIT.rateLimit, 'slow down', { retryable: true, retryAfterMs })
}
