import { expect, test } from 'vitest'
import { fields, fittingTable, table, widthOf } from './format.js'

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

test('a narrow terminal has the long column shortened, then goes without others', () => {
  const columns = [{ title: 'ID' }, { title: 'MORE', drop: 1 }, { title: 'ABOUT', shortenTo: 6 }]
  const rows = [
    ['a', 'x', '日本語の説明です'],
    ['b', 'y', 'short']
  ]
  expect(fittingTable(columns, rows, undefined)).toContain('日本語の説明です')
  expect(fittingTable(columns, rows, 20)).toBe('ID  MORE  ABOUT\na   x     日本語の…\nb   y     short\n')
  expect(widthOf(fittingTable(columns, rows, 14))).toBeLessThanOrEqual(14)
  expect(fittingTable(columns, rows, 14)).toBe('ID  ABOUT\na   日本語の…\nb   short\n')
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
