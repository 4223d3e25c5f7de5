import type { Context } from '../context.js'
import type { ApiClient } from '../lib/api-client.js'
import { creditsPhrase, showCredits } from '../lib/money-text.js'

const EVERY_MS = 5_000
const WARN_SHARE = 0.8

/** Warns once for each cap when 80 % of it are spent. Returns what ends it. */
export function watchCap(own: Pick<ApiClient, 'self'>, { io, clock }: Pick<Context, 'io' | 'clock'>): () => void {
  let warnedOf: number | undefined
  let ended = false
  let cancel = clock.after(EVERY_MS, look)

  function look() {
    void check()
      .catch(() => {})
      .then(() => {
        if (!ended) cancel = clock.after(EVERY_MS, look)
      })
  }

  async function check() {
    const { key } = await own.self()
    const { quota: cap, quota_used: spent } = key
    if (ended || warnedOf === cap || spent < cap * WARN_SHARE) return
    warnedOf = cap
    const percent = Math.min(100, Math.floor((spent / cap) * 100))
    // What runs may have the terminal in its own hands: a row of our own, whatever the cursor was at.
    const end = io.stderrIsTty ? '\r\n' : '\n'
    io.err(
      `${io.stderrIsTty ? end : ''}! ${percent} % of what this run may spend is gone: ${showCredits(spent, 2)} of ${creditsPhrase(cap)}. ` +
        `More, from another terminal: caicaini run raise N${end}`
    )
  }

  return () => {
    ended = true
    cancel()
  }
}
