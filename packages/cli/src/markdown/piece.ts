/*
 * What the stream finds and the renderer draws: plain data, so that a piece can be kept in a state, or
 * written to a file, and drawn later for the width that the terminal has then.
 */

/** Around a piece, outermost first. */
export type PieceContainer =
  | { readonly kind: 'quote' }
  /** `first`: this piece is the item's first, so the marker stands before its first row. */
  | { readonly kind: 'item'; readonly marker: string; readonly first: boolean }

export type Alignment = 'left' | 'right' | 'center'

export interface CodeBlock {
  readonly kind: 'code'
  /** Whether fences mark it; indentation does otherwise. */
  readonly fenced: boolean
  /** The fence's first word; '' where it names none. */
  readonly language: string
  /** Lines before these, of the same code, for the highlighter; never drawn. */
  readonly context: readonly string[]
  readonly lines: readonly string[]
  /** The fence's own lines, where this piece begins or ends the code. */
  readonly opens?: string
  readonly closes?: string
}

export interface TableBlock {
  readonly kind: 'table'
  readonly header: readonly string[]
  readonly alignments: readonly Alignment[]
  readonly rows: readonly (readonly string[])[]
  /** The rows that the columns' widths come from: `rows`, or those of the table's first piece. */
  readonly sample: readonly (readonly string[])[]
  /** Whether this piece begins the table. */
  readonly headed: boolean
}

export type PieceBlock =
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | CodeBlock
  | TableBlock
  /** HTML blocks and displayed mathematics: shown as they are. */
  | { readonly kind: 'literal'; readonly lines: readonly string[] }
  | { readonly kind: 'rule' }
  /** A list item without content. */
  | { readonly kind: 'empty' }

export interface MarkdownPiece {
  /** A blank row before it, which this many of `within` go through; null for no blank row. */
  readonly gap: number | null
  readonly within: readonly PieceContainer[]
  readonly block: PieceBlock
}
