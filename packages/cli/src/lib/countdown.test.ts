import { EXIT } from '@caicaini/protocol'
import { expect, test } from 'vitest'
import { settle } from '../testing/fake-clock.js'
import { createTestContext } from '../testing/test-context.js'
import { CliError } from './cli-error.js'
import { waitAloud } from './countdown.js'

const error = new CliError(EXIT.rateLimit, 'slow down', { retryable: true })
const signal = new AbortController().signal

test('a terminal sees the seconds go by, and then nothing of it', async () => {
  const { facts, clock, stderr } = createTestContext({ stderrTty: true, env: { NO_COLOR: '1' } })
  const waiting = waitAloud(facts, { error, waitMs: 1_500, signal })
  await clock.advance(1_500)
  await waiting
  const line = (seconds: number) => `\r\u001b[Kslow down; trying again in ${seconds} s`
  expect(stderr()).toBe(`${line(2)}${line(1)}\r\u001b[K`)
})

test.each([
  [2_999, ''],
  [3_000, 'caicaini: slow down; trying again in 3 s\n']
])('a log says of a wait of %i ms: %o', async (waitMs, text) => {
  const { facts, clock, stderr } = createTestContext()
  const waiting = waitAloud(facts, { error, waitMs, signal })
  await settle()
  await clock.advance(waitMs)
  await waiting
  expect(stderr()).toBe(text)
})
