import { expect, test } from 'vitest'
import { foldRow } from './fold.js'

const folded = (text: string, columns: number) =>
  foldRow([{ text, style: {} }], columns).map((runs) => runs.map((run) => run.text).join(''))

test('a row is folded where a terminal folds it', () => {
  expect(folded('const x = 1', 11)).toEqual(['const x = 1'])
  expect(folded('const x = 12', 11)).toEqual(['const x = 1', '2'])
  // A wide character does not stand half in a row.
  expect(folded('一二三', 5)).toEqual(['一二', '三'])
  expect(folded('\tgo\tx', 12)).toEqual(['        go  ', 'x'].map((row) => expect.stringContaining(row.trim())))
  expect(folded('', 5)).toEqual([''])
})

test('each row keeps its styles', () => {
  const runs = [
    { text: 'abc', style: { bold: true } },
    { text: 'def', style: { dim: true } }
  ]
  expect(foldRow(runs, 4).map((row) => row.filter(({ text }) => text !== ''))).toEqual([
    [
      { text: 'abc', style: { bold: true } },
      { text: 'd', style: { dim: true } }
    ],
    [{ text: 'ef', style: { dim: true } }]
  ])
})
