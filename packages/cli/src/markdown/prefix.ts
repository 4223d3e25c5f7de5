/* What stands before a piece's rows: quotes' marks, and room for list items' markers. */
import type { PieceContainer } from './piece.js'
import type { Run, TextStyle } from './style.js'

const QUOTE_MARK = '> '

interface Container {
  readonly kind: PieceContainer['kind']
  readonly marker?: string
}

function widthOf(container: Container): number {
  return container.kind === 'quote' ? QUOTE_MARK.length : (container.marker ?? '').length + 1
}

/** The innermost containers that leave the text half of the columns. */
function shownOf<Any extends Container>(containers: readonly Any[], columns: number): readonly Any[] {
  let width = 0
  let from = containers.length
  while (from > 0) {
    width += widthOf(containers[from - 1] as Any)
    if (width > columns / 2) break
    from -= 1
  }
  return containers.slice(from)
}

export function prefixWidth(containers: readonly Container[], columns: number): number {
  return shownOf(containers, columns).reduce((sum, container) => sum + widthOf(container), 0)
}

export interface Prefix {
  readonly first: readonly Run[]
  readonly later: readonly Run[]
  readonly width: number
}

export function prefixOf(containers: readonly PieceContainer[], columns: number, mark: TextStyle): Prefix {
  const shown = shownOf(containers, columns)
  const runs = (first: boolean): Run[] =>
    shown.map((container) => {
      if (container.kind === 'quote') return { text: QUOTE_MARK, style: mark }
      return first && container.first
        ? { text: `${container.marker} `, style: {} }
        : { text: ' '.repeat(widthOf(container)), style: {} }
    })
  return { first: runs(true), later: runs(false), width: prefixWidth(containers, columns) }
}
