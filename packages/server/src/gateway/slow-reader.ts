import type { Call } from './call.js'

/** A client that reads nothing more for this long is gone: it would keep its credits held and a connection upstream. */
const UNREAD_MS_MAX = 300_000

/** Takes a client that leaves for too long what it was given for one that has left. */
export function watchReader(call: Call): { asks(): void; isGiven(): void } {
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

  return {
    asks() {
      unreadSinceMs = null
    },
    isGiven() {
      unreadSinceMs = clock.nowMs()
    }
  }
}
