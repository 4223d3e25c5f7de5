import { expect, test } from 'vitest'
import { createTestContext } from '../testing/test-context.js'
import { sayWaiting } from './waiting.js'

test('a terminal is told after three seconds, and the line goes away', async () => {
  const { facts, clock, stderr } = createTestContext({ stderrTty: true, env: { NO_COLOR: '1' } })
  const stop = sayWaiting('opus', facts)
  await clock.advance(2_900)
  expect(stderr()).toBe('')
  await clock.advance(1_200)
  stop()
  stop()
  await clock.advance(9_000)
  expect(stderr()).toBe('\r\u001b[Kwaiting for opus, 3 s\r\u001b[Kwaiting for opus, 4 s\r\u001b[K')
})

test('a log is told once, after half a minute', async () => {
  const { facts, clock, stderr } = createTestContext()
  const stop = sayWaiting('opus', facts)
  await clock.advance(120_000)
  stop()
  expect(stderr()).toBe('caicaini: waiting for opus, 30 s\n')
})
