import type { MarkdownPiece } from '../../markdown/piece.js'

/** Something printed once into the scrollback, and never drawn again. */
export type Block = { readonly id: number } & BlockContent

export type BlockContent =
  | { readonly kind: 'question'; readonly text: string }
  | { readonly kind: 'markdown'; readonly piece: MarkdownPiece }
  | { readonly kind: 'cost' | 'notice' | 'error'; readonly text: string }
  /** Rows that mean something only as they stand, such as a QR code. */
  | { readonly kind: 'rows'; readonly rows: readonly string[] }
