import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { createTestContext } from '../testing/test-context.js'
import { showsColour } from './io.js'

test('stdin is read to its end, however late it comes, and the wait is said once', async () => {
  const stdin = new PassThrough()
  const t = createTestContext({ stdin })
  let said = 0
  const text = t.facts.io.readStdin({ clock: t.clock, silenceMs: 3_000, onSilence: () => said++ })
  await t.clock.advance(2_999)
  expect(said).toBe(0)
  await t.clock.advance(60_000)
  expect(said).toBe(1)
  const bytes = Buffer.from('naïve 行')
  for (const byte of bytes) stdin.write(Buffer.from([byte]))
  stdin.end()
  expect(await text).toBe('naïve 行')
})

test('nothing is said when the text came at once', async () => {
  const stdin = new PassThrough()
  const t = createTestContext({ stdin })
  let said = 0
  const text = t.facts.io.readStdin({ clock: t.clock, silenceMs: 3_000, onSilence: () => said++ })
  stdin.write('first')
  await t.clock.advance(60_000)
  stdin.end(' last')
  expect(await text).toBe('first last')
  expect(said).toBe(0)
})

test.each([
  [{ isTTY: true }, {}, true],
  [{ isTTY: false }, {}, false],
  [{ isTTY: true }, { NO_COLOR: '1' }, false],
  [{ isTTY: true }, { NO_COLOR: '' }, true],
  [{ isTTY: true }, { TERM: 'dumb' }, false],
  [{ isTTY: false }, { FORCE_COLOR: '1' }, true],
  [{ isTTY: true }, { FORCE_COLOR: '0' }, false]
])('colour on %o with %o: %o', (stream, env, shows) => {
  expect(showsColour(stream, env)).toBe(shows)
})
