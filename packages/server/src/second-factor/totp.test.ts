import { expect, test } from 'vitest'
import { loadStepOf, toBase32, totpUri } from './totp.js'

/** RFC 6238, appendix B: the secret of its test vectors, and the last six of their eight digits. */
const SECRET = await toBase32(Buffer.from('12345678901234567890'))

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130']
])('at %i s the code is %s', async (seconds, code) => {
  const stepOf = await loadStepOf()
  const step = Math.floor(seconds / 30)
  const at = (s: number) => stepOf({ secret: SECRET, code, nowMs: s * 1000 })
  expect(at(seconds)).toBe(step)
  expect(at(seconds - 30)).toBe(step)
  expect(at(seconds + 30)).toBe(step)
  expect(at(seconds + 60)).toBeUndefined()
})

test.each(['', '28708', '2870821', 'abcdef', '２８７０８２', '287082\0'])('%j is no code', async (code) => {
  expect((await loadStepOf())({ secret: SECRET, code, nowMs: 59_000 })).toBeUndefined()
})

test('a space in the middle is how apps show it', async () => {
  expect((await loadStepOf())({ secret: SECRET, code: '287 082', nowMs: 59_000 })).toBe(1)
})

test('a label with signs is escaped', async () => {
  expect(await totpUri({ secret: SECRET, label: 'a&b@example.org' })).toContain(':a%26b%40example.org?')
})
