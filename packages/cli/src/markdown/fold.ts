/* Rows as a terminal folds them by itself, for what is redrawn: who moves the cursor up again has to know their number. */
import stringWidth from 'string-width'
import type { Run } from './style.js'

const TAB_COLUMNS = 8
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** The rows of `columns` that a row takes; tabs become the spaces up to their stops. */
export function foldRow(runs: readonly Run[], columns: number): Run[][] {
  const length = runs.reduce((sum, { text }) => sum + text.length, 0)
  if (length <= columns && runs.every(({ text }) => /^[\x20-\x7e]*$/.test(text))) return [[...runs]]
  const rows: Run[][] = []
  let row: Run[] = []
  let width = 0
  for (const { text, style } of runs) {
    let part = ''
    for (const { segment } of graphemes.segment(text)) {
      const shown = segment === '\t' ? ' '.repeat(TAB_COLUMNS - (width % TAB_COLUMNS)) : segment
      const shownWidth = stringWidth(shown)
      if (width + shownWidth > columns && width > 0) {
        rows.push([...row, { text: part, style }])
        row = []
        part = ''
        width = 0
      }
      part += shown
      width += shownWidth
    }
    row.push({ text: part, style })
  }
  return [...rows, row]
}
