import type { Key } from 'ink'
import { expect, test } from 'vitest'
import { onKey } from './keys.js'
import { bufferOf, EMPTY } from './text-buffer.js'

const plain = {} as Key
const with_ = (key: Partial<Key>) => key as Key

test.each([
  ['a letter', 'x', plain, { type: 'edit', buffer: bufferOf('abx') }],
  ['Enter', '', with_({ return: true }), { type: 'submit', text: 'ab' }],
  ['text and its Enter in one piece', 'c\r', plain, { type: 'submit', text: 'abc' }],
  ['an unmarked paste of lines', 'c\rd\r', plain, { type: 'edit', buffer: bufferOf('abc\nd\n') }],
  ['Ctrl-J', '\n', plain, { type: 'edit', buffer: bufferOf('ab\n') }],
  ['Ctrl-U', 'u', with_({ ctrl: true }), { type: 'edit', buffer: EMPTY }],
  ['Esc', '', with_({ escape: true }), { type: 'stop' }],
  ['Ctrl-C', 'c', with_({ ctrl: true }), { type: 'interrupt' }],
  ['up on the first line', '', with_({ upArrow: true }), { type: 'older' }],
  ['down on the last line', '', with_({ downArrow: true }), { type: 'newer' }],
  ['a combination that means nothing', 'x', with_({ meta: true }), { type: 'none' }]
])('%s', (_name, input, key, effect) => {
  expect(onKey(bufferOf('ab'), input, key)).toEqual(effect)
})

test('Ctrl-D leaves an empty input and deletes forwards in another', () => {
  expect(onKey(EMPTY, 'd', with_({ ctrl: true }))).toEqual({ type: 'leave' })
  expect(onKey({ text: 'ab', cursor: 0 }, 'd', with_({ ctrl: true }))).toEqual({
    type: 'edit',
    buffer: { text: 'b', cursor: 0 }
  })
})

test('a backslash keeps Enter from sending', () => {
  expect(onKey(bufferOf('ab\\'), '', with_({ return: true }))).toEqual({ type: 'edit', buffer: bufferOf('ab\n') })
})
