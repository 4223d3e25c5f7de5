import type { Call } from './call.js'

/** A client that reads nothing more for this long is gone: it would keep its credits held and a connection upstream. */
const UNREAD_MS_MAX = 300_000

/** Takes a client that leaves for too long what it was given for one that has left. */
export function watchReader(call: Call): { asks(): void; isGiven(): void; isWaiting(): number | null } {
  const { clock } = call
  /** Null while it waits for more. */
  let unreadSinceMs: number | null = clock.nowMs()

  // One timer serves a whole stream: every byte moves the moment, not the timer.
  function check(): void {
    const unreadMs = unreadSinceMs === null ? 0 : clock.nowMs() - unreadSinceMs
    if (unreadMs >= UNREAD_MS_MAX) call.cancel('client')
    else cancelTimer = clock.after(UNREAD_MS_MAX - Math.max(0, unreadMs), check)
  }
  let cancelTimer = clock.after(UNREAD_MS_MAX, check)
  call.whenEnded.then(() => cancelTimer())

  let waitsSinceMs = clock.nowMs()
  return {
    asks() {
      unreadSinceMs = null
      waitsSinceMs = clock.nowMs()
    },
    /** Since when it has waited for more; null while it has something to read. */
    isWaiting: () => (unreadSinceMs === null ? waitsSinceMs : null),
    isGiven() {
      unreadSinceMs = clock.nowMs()
    }
  }
}

/** A comment disturbs no client, and keeps proxies from cutting a stream that is silent (nginx: after 60 s). */
export const PING = Buffer.from(': ping\n\n')
/** A stream that says nothing for this long is pinged. */
export const PING_MS = 15_000

/** Pings a client that waits for a silent provider, each `PING_MS`, until the returned function is called. */
export function pingIdle(
  { clock }: Pick<Call, 'clock'>,
  { isWaiting, ping }: { isWaiting: () => number | null; ping: () => void }
): () => void {
  let pingedAtMs = clock.nowMs()
  // One timer serves a whole stream: every byte moves the moment, not the timer.
  function check(): void {
    const sinceMs = isWaiting()
    const silentMs = sinceMs === null ? 0 : clock.nowMs() - Math.max(sinceMs, pingedAtMs)
    if (silentMs >= PING_MS) {
      pingedAtMs = clock.nowMs()
      ping()
    }
    cancelTimer = clock.after(silentMs >= PING_MS ? PING_MS : PING_MS - Math.max(0, silentMs), check)
  }
  let cancelTimer = clock.after(PING_MS, check)
  return () => cancelTimer()
}
