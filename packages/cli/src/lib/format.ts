import stringWidth from 'string-width'
import { neutraliseLine } from './sanitize.js'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** A narrow terminal goes without this column; the highest number goes first. */
  readonly drop?: number
  /** What is longer than a narrow terminal has room for ends in `…`, down to so many columns. */
  readonly shortenTo?: number
}

/** A table with two spaces between columns, right widths for CJK and emoji, no trailing spaces. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows].map((row) => row.map(neutraliseLine))
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => stringWidth(line[index] ?? ''))))
  return lines
    .map((line) => {
      const cells = columns.map(({ align }, index) => pad(line[index] ?? '', widths[index] ?? 0, align))
      return `${cells.join('  ').trimEnd()}\n`
    })
    .join('')
}

/** The same without the columns that a terminal of `width` columns has no room for; undefined = no terminal. */
export function fittingTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | undefined
): string {
  const text = table(columns, rows)
  const last = Math.max(0, ...columns.map(({ drop = 0 }) => drop))
  if (width === undefined || widthOf(text) <= width) return text
  const shortened = shorten(columns, rows, width)
  if (shortened || last === 0) return shortened ?? text
  const kept = columns.map(({ drop = 0 }) => drop !== last)
  const keep = <T>(cells: readonly T[]) => cells.filter((_, index) => kept[index])
  return fittingTable(keep(columns), rows.map(keep), width)
}

/** The table with its one column of long texts cut to what is left of `width`; undefined where that is too little. */
function shorten(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string | undefined {
  const at = columns.findIndex(({ shortenTo }) => shortenTo !== undefined)
  if (at < 0) return undefined
  const clean = rows.map((row) => row.map(neutraliseLine))
  const widest = Math.max(...clean.map((row) => stringWidth(row[at] ?? '')), 0)
  const room = widest - (widthOf(table(columns, clean)) - width)
  if (room < (columns[at]?.shortenTo ?? 0)) return undefined
  return table(
    columns,
    clean.map((row) => row.map((cell, index) => (index === at ? cutTo(cell, room) : cell)))
  )
}

/** `text` in so many columns at most, an ellipsis where it was longer. */
export function cutTo(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let kept = ''
  let used = 1
  // By what a reader sees as one character.
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += stringWidth(segment)
    if (used > width) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}

/** Columns that the longest line takes. */
export function widthOf(text: string): number {
  return Math.max(...text.split('\n').map((line) => stringWidth(line)))
}

function pad(text: string, width: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)))
  return align === 'right' ? space + text : text + space
}

/** Lines `label  value`, the values below each other. */
export function fields(rows: readonly (readonly [label: string, value: string])[]): string {
  return table([{ title: '' }, { title: '' }], rows).replace(/^\n/, '')
}
