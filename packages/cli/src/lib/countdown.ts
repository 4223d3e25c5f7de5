import type { CliError } from './cli-error.js'
import { type Clock, sleep } from './clock.js'
import type { Io } from './io.js'
import { neutraliseLine } from './sanitize.js'

/** A wait this long is worth a line where nobody sees a countdown. */
const WORTH_A_LINE_MS = 3_000
const ERASE_LINE = '\r\u001b[K'

/** Waits before another attempt: a countdown on a terminal, one line for a long wait in a log. */
export async function waitAloud(
  { io, clock }: { io: Io; clock: Clock },
  { error, waitMs, signal }: { error: CliError; waitMs: number; signal: AbortSignal }
): Promise<void> {
  const why = neutraliseLine(error.message)
  if (!io.stderrIsTty) {
    if (waitMs >= WORTH_A_LINE_MS) io.err(`caicaini: ${why}; trying again in ${Math.ceil(waitMs / 1000)} s\n`)
    return sleep(clock, waitMs, signal)
  }
  try {
    for (let leftMs = waitMs; leftMs > 0; leftMs -= 1000) {
      const line = `${why}; trying again in ${Math.ceil(leftMs / 1000)} s`
      io.err(ERASE_LINE + io.dim(line.slice(0, (io.columns ?? 80) - 1)))
      await sleep(clock, Math.min(leftMs, 1000), signal)
    }
  } finally {
    io.err(ERASE_LINE)
  }
}
