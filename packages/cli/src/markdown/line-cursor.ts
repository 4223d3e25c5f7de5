/*
 * A place in a line where a tab may be half used: CommonMark counts indentation in columns, with tab stops of four
 * (https://spec.commonmark.org/0.31.2/#tabs).
 */
const TAB_STOP = 4

export interface LineCursor {
  readonly line: string
  readonly offset: number
  readonly column: number
  /** Whether the tab at `offset` is half used. */
  readonly half: boolean
}

export function atStart(line: string): LineCursor {
  return { line, offset: 0, column: 0, half: false }
}

/** How many columns of spaces and tabs are ahead, and the first character after them; '' at the line's end. */
export function indentOf({ line, offset, column }: LineCursor): { columns: number; next: string; at: number } {
  let at = offset
  let end = column
  for (; at < line.length; at += 1) {
    const character = line[at]
    if (character === ' ') end += 1
    else if (character === '\t') end += TAB_STOP - (end % TAB_STOP)
    else break
  }
  return { columns: end - column, next: line[at] ?? '', at }
}

/** Goes over `columns` columns of spaces and tabs; fewer where the indentation ends sooner. */
export function skipColumns(cursor: LineCursor, columns: number): LineCursor {
  let { offset, column, half } = cursor
  const { line } = cursor
  let left = columns
  while (left > 0) {
    const character = line[offset]
    if (character === ' ') {
      offset += 1
      column += 1
      left -= 1
    } else if (character === '\t') {
      const stop = TAB_STOP - (column % TAB_STOP)
      const taken = Math.min(stop, left)
      column += taken
      left -= taken
      half = taken < stop
      if (!half) offset += 1
    } else break
  }
  return { line, offset, column, half }
}

/** Goes over `count` characters that are neither spaces nor tabs. */
export function skipCharacters(cursor: LineCursor, count: number): LineCursor {
  return { line: cursor.line, offset: cursor.offset + count, column: cursor.column + count, half: false }
}

/** The rest of the line; what is left of a half used tab as spaces. */
export function restOf({ line, offset, column, half }: LineCursor): string {
  if (!half) return line.slice(offset)
  return ' '.repeat(TAB_STOP - (column % TAB_STOP)) + line.slice(offset + 1)
}
