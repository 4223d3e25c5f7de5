import { type Clock, sleep } from '../lib/clock.js'

/** Longest wait for a window that its server speaks of: minutes are what these limits count. */
const WAIT_MAX_MS = 120_000

type Headers = Readonly<Record<string, string>>

interface Window {
  readonly remaining: number
  readonly limit: number
  readonly resetAtMs: number
}

/** Keeps below a server's rate limits by what its answers say of them. */
export interface Pace {
  /** Waits until a request of about so many tokens may go. */
  before(tokens: number, signal: AbortSignal): Promise<void>
  /** The headers of a request's answer came, or (undefined) it ended without any. */
  after(headers: Headers | undefined): void
}

export function createPace(clock: Clock): Pace {
  let requests: Window | undefined
  let tokens: Window | undefined
  /** Sent, and not in the figures of any answer for sure. */
  let unanswered = 0

  const waitMs = (needed: number) => {
    const nowMs = clock.nowMs()
    const of = (window: Window | undefined, wants: number) => {
      if (!window || nowMs >= window.resetAtMs) return 0
      // What could never fit is for the server to say.
      return window.remaining >= Math.min(wants, window.limit) ? 0 : Math.min(WAIT_MAX_MS, window.resetAtMs - nowMs)
    }
    return Math.max(of(requests, unanswered + 1), of(tokens, needed))
  }

  return {
    async before(needed, signal) {
      for (let ms = waitMs(needed); ms > 0; ms = waitMs(needed)) await sleep(clock, ms, signal)
      unanswered++
    },
    after(headers) {
      unanswered--
      if (!headers) return
      const nowMs = clock.nowMs()
      const resetMs = Number(headers['x-ratelimit-reset-requests']) * 1000
      requests = windowOf(
        headers['x-ratelimit-remaining-requests'],
        headers['x-ratelimit-limit-requests'],
        nowMs + resetMs
      )
      tokens = windowOf(
        headers['anthropic-ratelimit-input-tokens-remaining'],
        headers['anthropic-ratelimit-input-tokens-limit'],
        Date.parse(headers['anthropic-ratelimit-input-tokens-reset'] ?? '')
      )
    }
  }
}

/** Undefined where there is no limit, such as `unlimited`. */
function windowOf(remaining: string | undefined, limit: string | undefined, resetAtMs: number): Window | undefined {
  const window = { remaining: Number(remaining), limit: Number(limit), resetAtMs }
  return Object.values(window).every(Number.isFinite) && remaining !== undefined ? window : undefined
}
