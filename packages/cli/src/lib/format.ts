import stringWidth from 'string-width'
import { neutraliseLine } from './sanitize.js'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** A narrow terminal goes without this column; the highest number goes first. */
  readonly drop?: number
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
  if (width === undefined || last === 0 || widthOf(text) <= width) return text
  const kept = columns.map(({ drop = 0 }) => drop !== last)
  const keep = <T>(cells: readonly T[]) => cells.filter((_, index) => kept[index])
  return fittingTable(keep(columns), rows.map(keep), width)
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
