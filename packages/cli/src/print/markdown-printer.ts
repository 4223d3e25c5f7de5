import { coloursOf, isTheme } from '../chat/state/theme.js'
import type { Context } from '../context.js'
import { type Highlighter, loadHighlighter, wantsHighlighter } from '../markdown/highlight.js'
import type { MarkdownPiece } from '../markdown/piece.js'
import { limitsOf, type MarkdownLook, renderPiece } from '../markdown/render.js'
import { advance, finish, newMarkdownStream } from '../markdown/stream.js'
import type { Printer } from './printer.js'

/** Rows that a part may have before its beginning is shown: what is shown is never drawn again. */
const ROWS_MAX = 1
/** Nobody waits long for a table that is longer. */
const TABLE_ROWS_MAX = 40

/** An answer as it is read on a terminal: what is finished of its markdown, row by row. */
export function createMarkdownPrinter(context: Context): Printer {
  const { io } = context
  let stream = newMarkdownStream()
  let highlight: Highlighter | undefined
  const show = async (pieces: readonly MarkdownPiece[]) => {
    if (pieces.some(wantsHighlighter)) highlight ??= await loadHighlighter().catch(() => undefined)
    const rows = pieces.flatMap((piece) => renderPiece(piece, lookOf(context, highlight)))
    if (rows.length > 0) await io.write(`${rows.join('\n')}\n`)
  }
  return {
    begin: async () => {},
    async text(text) {
      const limits = { ...limitsOf(lookOf(context, highlight), ROWS_MAX), tableRowsMax: TABLE_ROWS_MAX }
      const next = advance(stream, text, limits)
      stream = next.stream
      await show(next.finished)
    },
    async end() {
      await show(finish(stream))
      return undefined
    },
    failed: async () => {}
  }
}

function lookOf({ io, env, config }: Context, highlight: Highlighter | undefined): MarkdownLook {
  const theme = config().get('theme').value
  return {
    columns: Math.max(20, io.columns ?? 80),
    colour: coloursOf(isTheme(theme) ? theme : 'auto', io.streams.stdout, env),
    // The console of Linux prints what it does not know.
    links: env.TERM !== 'linux',
    plain: false,
    ...(highlight && { highlight })
  }
}
