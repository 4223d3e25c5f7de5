import type { Key } from 'ink'
import { expect, test } from 'vitest'
import { splitKeys } from './split.js'

const plain = {} as Key
const told = (input: string, key = plain) =>
  splitKeys(input, key).map(([text, { ctrl, tab, backspace, return: enter }]) =>
    ctrl ? `^${text}` : enter ? 'Enter' : tab ? 'Tab' : backspace ? 'Backspace' : text
  )

test.each([
  ['x', ['x']],
  ['hello', ['hello']],
  ['begun\u0007', ['begun', '^g']],
  ['\u0012gi', ['^r', 'gi']],
  ['/hel\t', ['/hel', 'Tab']],
  ['a\tb', ['a\tb']],
  ['ab\u007f\u007fc', ['ab', 'Backspace', 'Backspace', 'c']],
  ['x\u001f', ['x', '^_']],
  ['one\rtwo\r', ['one\rtwo\r']],
  ['\u0015\r', ['^u', 'Enter']],
  ['\u0015hi\r', ['^u', 'hi\r']],
  ['日本\u0005', ['日本', '^e']]
])('%j', (input, parts) => {
  expect(told(input)).toEqual(parts)
})

test('what ink has understood stays as it is', () => {
  expect(told('a', { ctrl: true } as Key)).toEqual(['^a'])
  expect(splitKeys('bb', { meta: true } as Key)).toHaveLength(1)
})
