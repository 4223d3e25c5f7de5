import type { Context } from '../context.js'
import { neutraliseLine } from '../lib/sanitize.js'

const FIRST_MS = 3_000
const EVERY_MS = 1_000
/** In a log one line is enough, and only where it takes unusually long. */
const LOG_MS = 30_000
const ERASE_LINE = '\r\u001b[K'

/** Says on stderr that an answer is waited for, until the returned function is called. */
export function sayWaiting(model: string, { io, clock }: Pick<Context, 'io' | 'clock'>): () => void {
  const startedAtMs = clock.nowMs()
  const text = () => `waiting for ${neutraliseLine(model)}, ${Math.round((clock.nowMs() - startedAtMs) / 1000)} s`
  if (!io.stderrIsTty) return clock.after(LOG_MS, () => io.err(`caicaini: ${text()}\n`))
  let shown = false
  const show = () => {
    shown = true
    io.err(ERASE_LINE + io.dim(text()))
    cancel = clock.after(EVERY_MS, show)
  }
  let cancel = clock.after(FIRST_MS, show)
  return () => {
    cancel()
    if (shown) io.err(ERASE_LINE)
    shown = false
  }
}
