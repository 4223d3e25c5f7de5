import stringWidth from 'string-width'

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const TAB = '    '

interface Cell {
  readonly text: string
  readonly width: number
  /** Where the grapheme begins in the text. */
  readonly index: number
}

function cellsOf(text: string, labelOf: (grapheme: string) => string | undefined = () => undefined): Cell[] {
  return [...graphemes.segment(text)].map(({ segment, index }) => {
    const shown = labelOf(segment) ?? (segment === '\t' ? TAB : segment)
    return { text: shown, width: isPlain(shown) ? 1 : stringWidth(shown), index }
  })
}

function isPlain(grapheme: string): boolean {
  return grapheme.length === 1 && grapheme >= ' ' && grapheme <= '~'
}

/** The rows of `text` in a terminal of `columns`, broken after spaces and wide characters where there are some. */
export function wrapProse(text: string, columns: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, columns))
}

function wrapLine(line: string, columns: number): string[] {
  // Most lines are short and plain.
  if (line.length <= columns && !/[^\x20-\x7e]/.test(line)) return [line]
  const rows: string[] = []
  let row: Cell[] = []
  let width = 0
  for (const cell of cellsOf(line)) {
    if (width + cell.width > columns && row.length > 0) {
      // Before a wide character a break may always be.
      const rest = cell.text === ' ' || cell.width > 1 ? [] : splitOffWord(row)
      rows.push(join(row).trimEnd())
      row = rest
      width = rest.reduce((sum, one) => sum + one.width, 0)
      // The space that the break replaces is not carried to the next row.
      if (cell.text === ' ') continue
    }
    row.push(cell)
    width += cell.width
  }
  return [...rows, join(row)]
}

/** Takes the unfinished word off the end of `row`; nothing when the row is one word or ends where a break may be. */
function splitOffWord(row: Cell[]): Cell[] {
  const last = row.findLastIndex(({ text, width }) => text === ' ' || width > 1)
  return last < 0 ? [] : row.splice(last + 1)
}

function join(cells: readonly Cell[]): string {
  return cells.map(({ text }) => text).join('')
}

export interface InputLayout {
  readonly rows: readonly string[]
  readonly cursorRow: number
  readonly cursorColumn: number
}

/** The input's rows, at most `rowsMax` around the cursor, and where the cursor is among them. `labelOf`: what stands for a mark. */
export function layoutInput(
  { text, cursor }: { text: string; cursor: number },
  {
    columns,
    rowsMax,
    labelOf
  }: { columns: number; rowsMax: number; labelOf?: (grapheme: string) => string | undefined }
): InputLayout {
  const rows: string[] = ['']
  let width = 0
  let position = { row: 0, column: 0 }
  const mark = (index: number) => {
    if (index === cursor) position = { row: rows.length - 1, column: width }
  }
  for (const cell of cellsOf(text, labelOf)) {
    const newline = cell.text === '\n' || cell.text === '\r\n'
    if (!newline && width + cell.width > columns) {
      rows.push('')
      width = 0
    }
    mark(cell.index)
    if (newline) {
      rows.push('')
      width = 0
    } else {
      rows[rows.length - 1] += cell.text
      width += cell.width
    }
  }
  // After a full last row the cursor stands at the beginning of a new one.
  if (cursor === text.length && width >= columns) {
    rows.push('')
    width = 0
  }
  mark(text.length)
  const start = Math.max(0, position.row - rowsMax + 1)
  return {
    rows: rows.slice(start, start + rowsMax),
    cursorRow: position.row - start,
    cursorColumn: position.column
  }
}

const BETWEEN = ' · '

/** The rows of parts with `·` between them, broken between two of them where that is possible. */
export function wrapParts(text: string, columns: number): string[] {
  const rows: string[] = []
  for (const part of text.split(BETWEEN)) {
    const row = rows.at(-1)
    const joined = row === undefined ? part : row + BETWEEN + part
    if (row !== undefined && stringWidth(joined) <= columns) rows[rows.length - 1] = joined
    else rows.push(...wrapProse(part, columns))
  }
  return rows
}

/** The beginning of a line that fits `columns`, with `…` where something is left out. */
export function cutTo(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text
  let cut = ''
  let width = 0
  for (const cell of cellsOf(text)) {
    if (width + cell.width > columns - 1) break
    cut += cell.text
    width += cell.width
  }
  return `${cut}…`
}
