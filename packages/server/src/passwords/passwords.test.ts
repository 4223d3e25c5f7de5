import { expect, test } from 'vitest'
import { systemRandom } from '../lib/random.js'
import { createPasswords } from './hash.js'
import { requireGoodPassword } from './policy.js'

const passwords = createPasswords({ random: systemRandom })

test('a password is known again, exactly as it was given', async () => {
  const hash = await passwords.hash('Correct horse ☃')
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$/)
  expect(await passwords.verify('Correct horse ☃', hash)).toBe(true)
  for (const other of ['correct horse ☃', 'Correct horse ☃ ', 'Correct horse', ''])
    expect(await passwords.verify(other, hash)).toBe(false)
  expect(await passwords.hash('Correct horse ☃')).not.toBe(hash)
})

test('an unknown user has no password that fits', async () => {
  expect(await passwords.verify('anything', undefined)).toBe(false)
})

test.each([
  ['short 1', 'must have at least 8 characters'],
  ['☃☃☃☃☃☃☃', 'must have at least 8 characters, has 7'],
  [`${'long '.repeat(26)}`, 'must have at most 128 characters, has 130'],
  ['aaaaaaaaaa', 'has only 1 different'],
  ['abcdabcdabcd', 'one piece repeated'],
  ['23456789', 'row of neighbours'],
  ['hgfedcba', 'row of neighbours'],
  ['qwertyuiop', 'row of neighbours'],
  ['Adalove1!', 'little more than "adalove"'],
  ['caicaini42', 'little more than "caicaini"'],
  ['Sunshine1', 'best known'],
  ['PASSWORD123', 'best known']
])('%j is refused: %s', async (password, why) => {
  const refused = requireGoodPassword(password, { known: ['adalove', 'ada@example.org'] })
  await expect(refused).rejects.toThrow(`password: `)
  await expect(refused).rejects.toThrow(why)
})

test.each([
  'correct horse battery',
  '  spaces kept  ',
  'пароль-не-словарный',
  '我喜欢吃很多很多饭',
  `x7!kd0w-pfe4${'z9'.repeat(58)}`,
  'adalove-and-much-more'
])('%j is good', async (password) => {
  await requireGoodPassword(password, { known: ['adalove'] })
})
