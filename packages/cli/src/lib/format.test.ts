import { expect, test } from 'vitest'
import { fields, table } from './format.js'

test('columns align by what a terminal shows, without trailing spaces', () => {
  const text = table(
    [{ title: 'NAME' }, { title: 'N', align: 'right' }, { title: 'X' }],
    [
      ['日本', '1', 'a'],
      ['🎉 ok', '1,000', '']
    ]
  )
  expect(text).toBe('NAME       N  X\n日本       1  a\n🎉 ok  1,000\n')
})

test('a cell cannot break the table', () => {
  expect(table([{ title: 'A' }], [['x\ny\u001b[2J']])).toBe('A\nx y␛[2J\n')
})

test('fields have no heading', () => {
  expect(
    fields([
      ['plan', 'pro'],
      ['account', 'ann']
    ])
  ).toBe('plan     pro\naccount  ann\n')
})
