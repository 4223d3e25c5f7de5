import type { Highlighter } from './highlight.js'
import type { Shades } from './style.js'

/** How pieces are drawn. */
export interface MarkdownLook {
  /** No row is wider, but for lines of code. */
  readonly columns: number
  /** The terminal's background; `none`: no styles at all, so marks are shown as they are written. */
  readonly colour: Shades
  /** Whether links are OSC 8; otherwise their addresses are shown. */
  readonly links: boolean
  /** For screen readers: no drawn lines, tables as records, headings and code named. */
  readonly plain: boolean
  /** Lines of code too are folded to `columns`, for what is redrawn; else the terminal does, and they copy out whole. */
  readonly folds?: boolean
  /** From `loadHighlighter`; without it code has one colour. */
  readonly highlight?: Highlighter
}
