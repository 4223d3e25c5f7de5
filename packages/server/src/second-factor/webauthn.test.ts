import { describe, expect, test } from 'vitest'
import { challengeOf, isRegression, relyingParty } from './webauthn.js'

test.each([
  ['https://llm.example.org', 'llm.example.org', true],
  ['https://llm.example.org:8443', 'llm.example.org', true],
  ['http://localhost:8787', 'localhost', true],
  ['http://llm.example.org', 'llm.example.org', false],
  ['http://127.0.0.1:8787', '127.0.0.1', false],
  ['https://192.0.2.1', '192.0.2.1', false],
  ['https://[2001:db8::1]', '[2001:db8::1]', false]
])('passkeys of %s belong to %s; possible: %s', (publicUrl, id, isPossible) => {
  expect(relyingParty({ publicUrl })).toEqual({ id, origin: publicUrl, isPossible })
})

test.each([
  [0, 0, false],
  [0, 1, false],
  [5, 6, false],
  [5, 5, true],
  [5, 4, true],
  [5, 0, true]
])('counted %i, brought %i: a copy %s', (stored, brought, isCopy) => {
  expect(isRegression({ stored, brought })).toBe(isCopy)
})

describe('the challenge of an answer', () => {
  const answer = (clientDataJSON: string) => ({ id: 'x', response: { clientDataJSON } })
  test.each(['', '%%', Buffer.from('{}').toString('base64url'), Buffer.from('{"challenge":1}').toString('base64url')])(
    'is nothing in %j',
    (text) => {
      expect(challengeOf(answer(text))).toBe('')
    }
  )
})
