/*
 * Tables: columns as wide as their cells where they fit, cells wrapped where they do not, and a record for each row
 * where that would leave a few letters to a row.
 */
import { inlineRuns } from './inline.js'
import type { MarkdownLook } from './look.js'
import type { Alignment, TableBlock } from './piece.js'
import type { Run, TextStyle } from './style.js'
import { type WrappedRow, wrap } from './wrap.js'

const BETWEEN = ' │ '
const CROSSING = '─┼─'
/** Narrower columns are no table. */
const COLUMN_MIN = 8
const COLUMN_LEAST_MAX = 20
/** Longer words are broken. */
const WORD_MAX = 20
/** So wide that no cell is wrapped when its own width is asked for. */
const UNBOUND = 1_000_000

type Cells = readonly (readonly Run[])[]

/** The rows of a piece of a table, as runs. */
export function tableRows(
  block: TableBlock,
  look: MarkdownLook,
  { columns, style }: { columns: number; style: TextStyle }
): Run[][] {
  const inline = { links: look.links && !look.plain, marks: look.colour === 'none' && !look.plain }
  const header: Cells = block.header.map((cell) => inlineRuns(cell, { ...style, bold: true }, inline))
  const parse = (row: readonly string[]): Cells => row.map((cell) => inlineRuns(cell, style, inline))
  const rows = block.rows.map(parse)
  const sample = block.sample === block.rows ? rows : block.sample.map(parse)
  const needs = needsOf([header, ...sample])
  const widths = look.plain ? undefined : fittingWidths(needs, columns - BETWEEN.length * (header.length - 1))
  if (!widths) return records(header, rows, { columns, headed: block.headed, style })
  const line = (cells: Cells) => drawRow(cells, widths, block.alignments)
  const rule: Run[] = [{ text: widths.map((width) => '─'.repeat(width)).join(CROSSING), style: { dim: true } }]
  // Where cells are wrapped, only a line tells where a row ends.
  const wrapped = widths.some((width, index) => width < (needs[index]?.natural ?? 0))
  const body = rows.flatMap((row, index) =>
    wrapped && (index > 0 || !block.headed) ? [rule, ...line(row)] : line(row)
  )
  return block.headed ? [...line(header), rule, ...body] : body
}

function needsOf(rows: readonly Cells[]): ColumnNeed[] {
  const needs: ColumnNeed[] = []
  for (const row of rows) {
    row.forEach((cell, index) => {
      const { natural, word } = needs[index] ?? { natural: 1, word: 1 }
      needs[index] = { natural: widest(wrap(cell, UNBOUND), natural), word: widest(wrap(cell, 1, WORD_MAX), word) }
    })
  }
  return needs
}

function widest(rows: readonly WrappedRow[], least: number): number {
  return rows.reduce((most, { width }) => Math.max(most, width), least)
}

export interface ColumnNeed {
  /** The widest cell, unwrapped. */
  readonly natural: number
  /** The longest word, which should stay whole. */
  readonly word: number
}

/**
 * Widths that together take at most `room`: narrow columns keep theirs, the wide ones share what is left; undefined
 * where a share would be too narrow to read.
 */
export function fittingWidths(needs: readonly ColumnNeed[], room: number): number[] | undefined {
  const widths = needs.map(() => 0)
  let left = room
  let open = needs.map(({ natural, word }, index) => ({ index, natural, word }))
  while (open.length > 0) {
    const share = Math.floor(left / open.length)
    const settled = open.filter(({ natural, word }) => natural <= share || word > share)
    for (const { index, natural, word } of settled) {
      widths[index] = natural <= share ? natural : word
      left -= widths[index]
    }
    if (left < 0) return undefined
    if (settled.length === 0) {
      if (open.some(({ natural }) => share < leastOf(natural))) return undefined
      open.forEach(({ index }, place) => {
        widths[index] = share + (place < left - share * open.length ? 1 : 0)
      })
      return widths
    }
    open = open.filter((column) => !settled.includes(column))
  }
  return widths
}

/** Longer texts need wider columns, or a row of the table fills the screen. */
function leastOf(natural: number): number {
  return Math.max(COLUMN_MIN, Math.min(COLUMN_LEAST_MAX, natural / 5))
}

function drawRow(cells: Cells, widths: readonly number[], alignments: readonly Alignment[]): Run[][] {
  const wrapped = cells.map((cell, index) => wrap(cell, widths[index] ?? 1))
  const height = wrapped.reduce((most, rows) => Math.max(most, rows.length), 1)
  return Array.from({ length: height }, (_, line) =>
    wrapped.flatMap((rows, index) => {
      const between: Run[] = index === 0 ? [] : [{ text: BETWEEN, style: { dim: true } }]
      return [...between, ...aligned(rows[line], widths[index] ?? 1, alignments[index] ?? 'left')]
    })
  )
}

function aligned(row: WrappedRow | undefined, columns: number, alignment: Alignment): Run[] {
  const free = Math.max(0, columns - (row?.width ?? 0))
  const before = alignment === 'left' ? 0 : alignment === 'right' ? free : Math.floor(free / 2)
  const spaces = (count: number): Run[] => (count === 0 ? [] : [{ text: ' '.repeat(count), style: {} }])
  return [...spaces(before), ...(row?.runs ?? []), ...spaces(free - before)]
}

/** `header: value` for each cell, a blank row between the table's rows. */
function records(
  header: Cells,
  rows: readonly Cells[],
  { columns, headed, style }: { columns: number; headed: boolean; style: TextStyle }
): Run[][] {
  const wrapped = (runs: readonly Run[]): Run[][] => wrap(runs, columns).map((row) => [...row.runs])
  if (rows.length === 0)
    return headed
      ? wrapped(header.flatMap((cell, index) => (index === 0 ? cell : [{ text: ', ', style }, ...cell])))
      : []
  return rows.flatMap((row, index) => [
    ...(index > 0 || !headed ? [[]] : []),
    ...row.flatMap((cell, column) => wrapped([...(header[column] ?? []), { text: ': ', style }, ...cell]))
  ])
}
