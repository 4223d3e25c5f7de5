import { expect, test } from 'vitest'
import { systemRandom as random } from '../lib/random.js'
import { newRecoveryCode, plainRecoveryCode } from './recovery-codes.js'

test('a recovery code has 120 bits, in groups that can be read aloud', () => {
  const codes = new Set(Array.from({ length: 200 }, () => newRecoveryCode(random)))
  expect(codes.size).toBe(200)
  for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/)
  expect(newRecoveryCode({ ...random, bytes: (length) => new Uint8Array(length).fill(0xff) })).toBe(
    'ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ'
  )
})

test('it is the same however it is typed', () => {
  const code = '0123-4567-89AB-CDEF-GHJK-1110'
  for (const typed of [code, ' 0123 4567 89ab cdef ghjk lI1o ', code.replaceAll('-', '')])
    expect(plainRecoveryCode(typed)).toBe(code.replaceAll('-', ''))
})
