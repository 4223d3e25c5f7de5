import fc from 'fast-check'
import type { Key } from 'ink'
import { expect, test } from 'vitest'
import { draftOf, type Editor, NEW_EDITOR } from './editor.js'
import { onKey, onPaste } from './keys.js'
import { bufferOf } from './text-buffer.js'

const plain = {} as Key
const with_ = (key: Partial<Key>) => key as Key
const ctrl = with_({ ctrl: true })
const alt = with_({ meta: true })
const enter = with_({ return: true })

const editorOf = (text: string): Editor => ({ ...NEW_EDITOR, buffer: bufferOf(text) })

/** What stands in the input, `|` at the cursor, after keys one by one. */
function press(editor: Editor, keys: readonly (readonly [string, Key])[], history: readonly string[] = []) {
  let now = editor
  const effects: string[] = []
  for (const [input, key] of keys) {
    const pressed = onKey(now, input, key, history)
    now = pressed.editor
    effects.push(pressed.effect.type)
  }
  const { text, cursor } = now.buffer
  return { editor: now, shown: `${text.slice(0, cursor)}|${text.slice(cursor)}`, effects }
}

test.each([
  ['a letter', 'x', plain, 'abx|', 'typed'],
  ['Enter', '', enter, 'ab|', 'submit'],
  ['Shift+Enter', '', with_({ return: true, shift: true }), 'ab\n|', 'typed'],
  ['Alt+Enter', '', with_({ return: true, meta: true }), 'ab\n|', 'typed'],
  ['text and its Enter in one piece', 'c\r', plain, 'abc|', 'submit'],
  ['an unmarked paste of lines', 'c\rd\r', plain, 'abc\nd\n|', 'typed'],
  ['Ctrl-J', '\n', plain, 'ab\n|', 'typed'],
  ['Ctrl-A', 'a', ctrl, '|ab', 'typed'],
  ['Ctrl-U', 'u', ctrl, '|', 'typed'],
  ['Ctrl-Left', '', with_({ ctrl: true, leftArrow: true }), '|ab', 'typed'],
  ['Alt-Backspace', '', with_({ meta: true, backspace: true }), '|', 'typed'],
  ['Esc', '', with_({ escape: true }), 'ab|', 'stop'],
  ['Ctrl-C', 'c', ctrl, 'ab|', 'interrupt'],
  ['Ctrl-G', 'g', ctrl, 'ab|', 'editor'],
  ['Ctrl-V', 'v', ctrl, 'ab|', 'clipboard'],
  ['a combination that means nothing', 'x', alt, 'ab|', 'none'],
  ['the release of a key', 'x', with_({ eventType: 'release' }), 'ab|', 'none']
])('%s', (_name, input, key, shown, effect) => {
  const pressed = press(editorOf('ab'), [[input, key]])
  expect(pressed.shown).toBe(shown)
  expect(pressed.effects).toEqual([effect])
})

test('Ctrl-D leaves an empty input and deletes forwards in another', () => {
  expect(press(NEW_EDITOR, [['d', ctrl]]).effects).toEqual(['leave'])
  const before = press(editorOf('ab'), [['a', ctrl]]).editor
  expect(press(before, [['d', ctrl]]).shown).toBe('|b')
})

test('a backslash keeps Enter from sending', () => {
  expect(press(editorOf('ab\\'), [['', enter]])).toMatchObject({ shown: 'ab\n|', effects: ['typed'] })
})

test('words: Alt-B, Alt-F, Alt-D, Ctrl-W', () => {
  const text = editorOf('git rebase --onto main')
  expect(
    press(text, [
      ['b', alt],
      ['b', alt]
    ]).shown
  ).toBe('git rebase --|onto main')
  expect(
    press(text, [
      ['a', ctrl],
      ['f', alt]
    ]).shown
  ).toBe('git| rebase --onto main')
  expect(
    press(text, [
      ['a', ctrl],
      ['d', alt]
    ]).shown
  ).toBe('| rebase --onto main')
  expect(
    press(text, [
      ['w', ctrl],
      ['w', ctrl]
    ]).shown
  ).toBe('git rebase |')
})

test('what was killed comes back whole, in its order', () => {
  const text = editorOf('one two three')
  expect(
    press(text, [
      ['w', ctrl],
      ['w', ctrl],
      ['y', ctrl]
    ]).shown
  ).toBe('one two three|')
  expect(
    press(text, [
      ['a', ctrl],
      ['d', alt],
      ['d', alt],
      ['e', ctrl],
      ['y', ctrl]
    ]).shown
  ).toBe(' threeone two|')
})

test('undo takes back words as they were typed, and deletions', () => {
  const typed = press(
    NEW_EDITOR,
    [...'one two'].map((letter) => [letter, plain] as const)
  ).editor
  expect(press(typed, [['_', ctrl]]).shown).toBe('one |')
  expect(
    press(typed, [
      ['_', ctrl],
      ['_', ctrl]
    ]).shown
  ).toBe('|')
  expect(
    press(typed, [
      ['u', ctrl],
      ['z', ctrl]
    ]).shown
  ).toBe('one two|')
  expect(press(NEW_EDITOR, [['_', ctrl]]).shown).toBe('|')
})

test('history: up and down, the draft stays', () => {
  const history = ['first', 'second\nline']
  const draft = editorOf('draft')
  const up = with_({ upArrow: true })
  const down = with_({ downArrow: true })
  expect(press(draft, [['', up]], history).shown).toBe('second\nline|')
  // Within a message of two lines the cursor goes up first.
  expect(
    press(
      draft,
      [
        ['', up],
        ['', up],
        ['', up]
      ],
      history
    ).shown
  ).toBe('first|')
  expect(
    press(
      draft,
      [
        ['', up],
        ['', down]
      ],
      history
    ).shown
  ).toBe('draft|')
  expect(press(NEW_EDITOR, [['', up]], history).effects).toEqual(['take-back'])
})

test('Ctrl-R searches, again goes further back, Enter takes it, Ctrl-C leaves all as it was', () => {
  const history = ['git log', 'ls', 'git diff']
  const keys = [
    ['r', ctrl],
    ['g', plain],
    ['i', plain]
  ] as const
  expect(press(editorOf('x'), keys, history).editor.search).toMatchObject({ query: 'gi', found: 'git diff' })
  expect(press(editorOf('x'), [...keys, ['r', ctrl], ['', enter]], history).shown).toBe('git log|')
  expect(press(editorOf('x'), [...keys, ['r', ctrl], ['r', ctrl], ['', enter]], history).shown).toBe('git log|')
  expect(press(editorOf('x'), [...keys, ['c', ctrl]], history).shown).toBe('x|')
  expect(
    press(
      editorOf('x'),
      [
        ['r', ctrl],
        ['zzz', plain],
        ['', enter]
      ],
      history
    ).shown
  ).toBe('x|')
})

test('a large paste is one step of the cursor and sent whole; a small one is text', () => {
  const lines = Array.from({ length: 312 }, (_, n) => `line ${n}`).join('\r')
  const pasted = onPaste(editorOf('see: '), lines)
  expect(pasted.buffer.text).toHaveLength('see: '.length + 1)
  expect(pasted.chips).toEqual([{ kind: 'paste', text: lines.replaceAll('\r', '\n') }])
  expect(press(pasted, [['', with_({ backspace: true })]]).shown).toBe('see: |')
  expect(onPaste(editorOf('a '), 'b\r\nc').buffer.text).toBe('a b\nc')
})

test('a menu takes arrows, Tab and Enter, and Esc before anything else', () => {
  const items = [
    { value: '/cost', about: '' },
    { value: '/copy', about: '' }
  ]
  const open: Editor = { ...editorOf('/co'), menu: { kind: 'command', from: 0, items, index: 0 } }
  const down = with_({ downArrow: true })
  expect(press(open, [['', down]]).editor.menu?.index).toBe(1)
  expect(
    press(open, [
      ['', down],
      ['', down]
    ]).editor.menu?.index
  ).toBe(0)
  expect(press(open, [['', with_({ escape: true })]])).toMatchObject({ effects: ['none'], editor: { menu: undefined } })
  const accepted = onKey(open, '', with_({ tab: true }), [])
  expect(accepted.effect).toMatchObject({ type: 'accept', item: items[0], submit: undefined })
})

test('no keys break the input: the cursor stays within, and undo ends at where it began', () => {
  const key = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 4 }).map((text) => [text, plain] as const),
    fc.constantFrom('a', 'e', 'b', 'f', 'h', 'k', 'u', 'w', 'y', 'r', 'j', 'n', 'p').map((c) => [c, ctrl] as const),
    fc.constantFrom('b', 'f', 'd').map((c) => [c, alt] as const),
    fc.constantFrom<Key>(enter, with_({ backspace: true }), with_({ upArrow: true })).map((k) => ['', k] as const)
  )
  fc.assert(
    fc.property(fc.array(key, { maxLength: 60 }), (keys) => {
      const { editor } = press(NEW_EDITOR, keys, ['one', 'two\nlines'])
      expect(editor.buffer.cursor).toBeGreaterThanOrEqual(0)
      expect(editor.buffer.cursor).toBeLessThanOrEqual(editor.buffer.text.length)
      const left = press(editor, [['c', ctrl]]).editor
      const undone = press(
        left,
        Array.from({ length: 300 }, () => ['_', ctrl] as const)
      ).editor
      expect(draftOf(undone).chips).toEqual(undone.chips)
    })
  )
})
