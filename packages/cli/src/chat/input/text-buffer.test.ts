import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as edit from './text-buffer.js'

const at = (marked: string): edit.TextBuffer => ({ text: marked.replace('|', ''), cursor: marked.indexOf('|') })
const marked = ({ text, cursor }: edit.TextBuffer) => `${text.slice(0, cursor)}|${text.slice(cursor)}`

test.each([
  ['a grapheme is one step', edit.left, 'a👨‍👩‍👧|b', 'a|👨‍👩‍👧b'],
  ['and one deletion', edit.backspace, 'né|e', 'n|e'],
  ['in both directions', edit.deleteForward, '|🎉x', '|x'],
  ['right', edit.right, '|日本', '日|本'],
  ['line start', edit.lineStart, 'ab\ncd|e', 'ab\n|cde'],
  ['line end', edit.lineEnd, 'a|b\ncd', 'ab|\ncd'],
  ['to the line start', edit.deleteToLineStart, 'ab\ncd|e', 'ab\n|e'],
  ['to the line end', edit.deleteToLineEnd, 'a|b\ncd', 'a|\ncd'],
  ['a word', edit.deleteWordBefore, 'one two  |x', 'one |x'],
  ['nothing left of the beginning', edit.backspace, '|x', '|x'],
  ['nothing right of the end', edit.deleteForward, 'x|', 'x|']
])('%s', (_name, change, before, after) => {
  expect(marked(change(at(before)))).toBe(after)
})

test('up and down keep the column where they can', () => {
  expect(marked(edit.up(at('ab\ncde|')) ?? edit.EMPTY)).toBe('ab|\ncde')
  expect(marked(edit.down(at('abc|\nd')) ?? edit.EMPTY)).toBe('abc\nd|')
  expect(edit.up(at('ab|'))).toBeUndefined()
  expect(edit.down(at('|ab'))).toBeUndefined()
})

test('what is pasted becomes text: line ends one kind, control characters gone', () => {
  expect(marked(edit.insert(at('<|>'), 'a\r\nb\rc\u001b[2J\u0000\td'))).toBe('<a\nb\nc[2J\td|>')
})

test('a backslash before Enter is a new line', () => {
  expect(marked(edit.continueLine(at('one\\|')) ?? edit.EMPTY)).toBe('one\n|')
  expect(edit.continueLine(at('one|'))).toBeUndefined()
})

test('no edit leaves the cursor outside of the text', () => {
  const edits = [edit.left, edit.right, edit.backspace, edit.deleteForward, edit.deleteWordBefore, edit.lineEnd]
  const step = fc.oneof(fc.constantFrom(...edits), fc.string({ unit: 'grapheme' }))
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let buffer = edit.EMPTY
      for (const one of steps) buffer = typeof one === 'string' ? edit.insert(buffer, one) : one(buffer)
      expect(buffer.cursor).toBeGreaterThanOrEqual(0)
      expect(buffer.cursor).toBeLessThanOrEqual(buffer.text.length)
    })
  )
})
