import { expect, test } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.js'
import { createPace } from './pace.js'

const signal = new AbortController().signal
const requests = (remaining: number, resetS: number) => ({
  'x-ratelimit-limit-requests': '5',
  'x-ratelimit-remaining-requests': String(remaining),
  'x-ratelimit-reset-requests': String(resetS)
})

/** Whether a request may go, told at once. */
async function goes(pace: ReturnType<typeof createPace>, tokens = 1) {
  let went = false
  const going = pace.before(tokens, signal).then(() => {
    went = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  return { now: () => went, going }
}

test('what is left is not asked for twice, and the next minute is waited for', async () => {
  const clock = createFakeClock()
  const pace = createPace(clock)
  await pace.before(1, signal)
  pace.after(requests(2, 30))
  expect((await goes(pace)).now()).toBe(true)
  expect((await goes(pace)).now()).toBe(true)
  const third = await goes(pace)
  expect(third.now()).toBe(false)
  await clock.advance(29_000)
  expect(third.now()).toBe(false)
  await clock.advance(1_000)
  await third.going
})

test('tokens are waited for alike, but not by what is larger than a minute', async () => {
  const clock = createFakeClock()
  const pace = createPace(clock)
  await pace.before(1, signal)
  pace.after({
    'anthropic-ratelimit-input-tokens-limit': '20000',
    'anthropic-ratelimit-input-tokens-remaining': '500',
    'anthropic-ratelimit-input-tokens-reset': new Date(clock.nowMs() + 10_000).toISOString()
  })
  expect((await goes(pace, 400)).now()).toBe(true)
  const large = await goes(pace, 600)
  expect(large.now()).toBe(false)
  await clock.advance(10_000)
  await large.going
})

test('no limits, or none that were told, are no wait', async () => {
  const pace = createPace(createFakeClock())
  pace.after({ 'x-ratelimit-remaining-requests': 'unlimited', 'x-ratelimit-reset-requests': '0' })
  expect((await goes(pace)).now()).toBe(true)
  pace.after(undefined)
  expect((await goes(pace)).now()).toBe(true)
})
