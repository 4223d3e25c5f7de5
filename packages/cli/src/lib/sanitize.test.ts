import fc from 'fast-check'
import { expect, test } from 'vitest'
import { neutralise, neutraliseLine, toJsonLine } from './sanitize.js'

test('escape sequences become visible, newlines, tabs and letters of any script stay', () => {
  expect(neutralise('\u001b[2J\u009b1m\u007f\r\n\tñ 行 🎉')).toBe('␛[2J\\x9b1m␡␍\n\tñ 行 🎉')
})

test('a text cut anywhere is neutralised as the whole would be', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(), (text, at) => {
      const cut = at % (text.length + 1)
      expect(neutralise(text.slice(0, cut)) + neutralise(text.slice(cut))).toBe(neutralise(text))
    })
  )
})

test('what must stay on one line does', () => {
  expect(neutraliseLine('a\n b\t\u0007c')).toBe('a b ␇c')
})

test('JSON lines hold no raw control characters and decode to the same', () => {
  const value = { text: '\u001b\u007f\u0085 ok' }
  const line = toJsonLine(value)
  expect(line).toMatch(/^[\x20-\x7e]+\n$/)
  expect(JSON.parse(line)).toEqual(value)
})
