import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { layoutInput, wrapProse } from './layout.js'

test('prose breaks at spaces, wide characters anywhere, long words where they must', () => {
  expect(wrapProse('the quick brown fox', 10)).toEqual(['the quick', 'brown fox'])
  expect(wrapProse('日本語の文章', 5)).toEqual(['日本', '語の', '文章'])
  expect(wrapProse('ab日本語', 5)).toEqual(['ab日', '本語'])
  expect(wrapProse('abcdefghijkl', 5)).toEqual(['abcde', 'fghij', 'kl'])
  expect(wrapProse('one\n\ntwo', 20)).toEqual(['one', '', 'two'])
  expect(wrapProse('👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧', 4)).toEqual(['👨‍👩‍👧👨‍👩‍👧', '👨‍👩‍👧'])
})

const anyText = fc.string({ unit: fc.constantFrom('a', 'bc', ' ', '日', '🎉', 'é', '\n', '-') })

test('no row is wider than the terminal, and nothing but spaces at breaks is lost', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 2, max: 30 }), (text, columns) => {
      const rows = wrapProse(text, columns)
      for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(columns)
      expect(rows.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
    })
  )
})

test('the cursor is where the next character will be', () => {
  const size = { columns: 5, rowsMax: 9 }
  expect(layoutInput({ text: '日本x', cursor: 5 - 2 }, size)).toMatchObject({ rows: ['日本x', ''], cursorRow: 1 })
  expect(layoutInput({ text: 'ab\ncd', cursor: 4 }, size)).toEqual({
    rows: ['ab', 'cd'],
    cursorRow: 1,
    cursorColumn: 1
  })
  expect(layoutInput({ text: '', cursor: 0 }, size)).toEqual({ rows: [''], cursorRow: 0, cursorColumn: 0 })
})

test('a long input shows the rows around the cursor', () => {
  const text = 'a\nb\nc\nd\ne'
  expect(layoutInput({ text, cursor: 9 }, { columns: 5, rowsMax: 2 })).toMatchObject({ rows: ['d', 'e'], cursorRow: 1 })
  expect(layoutInput({ text, cursor: 0 }, { columns: 5, rowsMax: 2 })).toMatchObject({ rows: ['a', 'b'], cursorRow: 0 })
})

test('the cursor is always on a row that is shown', () => {
  fc.assert(
    fc.property(
      anyText,
      fc.nat(),
      fc.integer({ min: 2, max: 12 }),
      fc.integer({ min: 1, max: 4 }),
      (text, at, columns, rowsMax) => {
        const boundaries = [...new Intl.Segmenter().segment(text)].map(({ index }) => index).concat(text.length)
        const cursor = boundaries[at % boundaries.length] ?? 0
        const layout = layoutInput({ text, cursor }, { columns, rowsMax })
        expect(layout.rows.length).toBeLessThanOrEqual(rowsMax)
        expect(layout.cursorRow).toBeLessThan(layout.rows.length)
        expect(layout.cursorColumn).toBeLessThan(columns + 1)
      }
    )
  )
})
