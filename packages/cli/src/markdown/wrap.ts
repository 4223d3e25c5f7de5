/*
 * Rows of a terminal from styled text: broken after spaces, and between the characters of scripts that have none, by
 * the rules that no Chinese or Japanese text breaks (kinsoku): no closing mark begins a row, no opening one ends it.
 */
import stringWidth from 'string-width'
import type { Run, TextStyle } from './style.js'

export interface WrappedRow {
  readonly runs: readonly Run[]
  readonly width: number
  /** Where the row begins in the source, where that is known. */
  readonly at: number | undefined
}

interface Cell {
  readonly text: string
  readonly width: number
  readonly style: TextStyle
  readonly at: number | undefined
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const NEVER_FIRST = new Set(
  '。，、．；：？！）」』】》〉〕］｝”’…—～·ー々ゝゞァィゥェォッャュョヮヵヶぁぃぅぇぉっゃゅょゎ％‰℃,.;:?!)]}%'
)
const NEVER_LAST = new Set('（「『【《〈〔［｛“‘([{¥￥$＄')
const HANGUL = /^\p{Script=Hangul}/u

/**
 * A row for each line of the text, and more where a line is wider than `columns`. Words up to `wordMax` wide stay whole
 * where they are wider still.
 */
export function wrap(runs: readonly Run[], columns: number, wordMax = columns): WrappedRow[] {
  const rows: WrappedRow[] = []
  let line: Cell[] = []
  for (const cell of cellsOf(runs, Math.max(columns, 2))) {
    if (cell.text === '\n') {
      wrapLine(line, { columns, wordMax }, rows)
      line = []
    } else line.push(cell)
  }
  wrapLine(line, { columns, wordMax }, rows)
  return rows
}

function* cellsOf(runs: readonly Run[], columns: number): Generator<Cell> {
  for (const run of runs) {
    const { text, style } = run
    if (/^[\x20-\x7e\n\t]*$/.test(text)) {
      for (let index = 0; index < text.length; index += 1) {
        const character = text[index] === '\t' ? ' ' : (text[index] ?? '')
        yield { text: character, width: 1, style, at: placeOf(run, index) }
      }
      continue
    }
    for (const { segment, index } of graphemes.segment(text)) {
      const width = stringWidth(segment)
      const start = placeOf(run, index)
      if (segment === '\t') yield { text: ' ', width: 1, style, at: start }
      else if (width <= columns) yield { text: segment, width, style, at: start }
      // Letters that a script stacks without end are one grapheme, wider than any terminal.
      else
        for (const character of segment) yield { text: character, width: stringWidth(character), style, at: undefined }
    }
  }
}

function placeOf({ at, exact }: Run, index: number): number | undefined {
  if (at === undefined) return undefined
  return exact || index === 0 ? at + index : undefined
}

function wrapLine(
  line: readonly Cell[],
  { columns, wordMax }: { columns: number; wordMax: number },
  rows: WrappedRow[]
): void {
  let begin = 0
  let width = 0
  // The place after which the row may be broken.
  let breakAt = 0
  for (let index = 0; index < line.length; index += 1) {
    const cell = line[index] as Cell
    if (index > begin && mayBreakBefore(line, index)) breakAt = index
    if (width + cell.width > (breakAt > begin ? columns : wordMax) && index > begin) {
      // A space that does not fit is the one the break replaces.
      if (cell.text === ' ') {
        width += cell.width
        continue
      }
      const end = breakAt > begin ? breakAt : index
      rows.push(rowOf(line.slice(begin, end)))
      begin = end
      while (line[begin]?.text === ' ' && begin < index) begin += 1
      width = line.slice(begin, index).reduce((sum, one) => sum + one.width, 0)
    }
    width += cell.width
  }
  rows.push(rowOf(line.slice(begin)))
}

function mayBreakBefore(line: readonly Cell[], index: number): boolean {
  const before = line[index - 1]
  const after = line[index]
  if (!before || !after || after.text === ' ') return false
  if (before.text === ' ') return true
  if (before.width < 2 && after.width < 2) return false
  if (HANGUL.test(before.text) && HANGUL.test(after.text)) return false
  return !NEVER_FIRST.has(after.text) && !NEVER_LAST.has(before.text)
}

function rowOf(cells: readonly Cell[]): WrappedRow {
  let end = cells.length
  while (cells[end - 1]?.text === ' ') end -= 1
  const runs: Run[] = []
  let text = ''
  let width = 0
  for (let index = 0; index < end; index += 1) {
    const cell = cells[index] as Cell
    text += cell.text
    width += cell.width
    if (cells[index + 1]?.style !== cell.style || index + 1 === end) {
      runs.push({ text, style: cell.style })
      text = ''
    }
  }
  return { runs, width, at: cells[0]?.at }
}
