import type { Clock } from '../lib/clock.js'
import type { LimitAsk, Limiter, LimitSnapshot, Reservation } from './limiter.js'

const WINDOW_MS = 60_000

interface Window {
  readonly startMs: number
  requests: number
}

/** The limiter of one process: fixed windows of a minute from a key's first request. Requests only, for now. */
export interface MemoryLimiter extends Limiter {
  /** Keys that are remembered at the moment: only those with a request in the last minute. */
  readonly size: number
}

export function createMemoryLimiter({ clock }: { clock: Clock }): MemoryLimiter {
  // In order of their start, for a window is put at the end when it begins: the old ones are in front.
  const windows = new Map<string, Window>()

  function isOver(window: Window, nowMs: number): boolean {
    // A window that began in the future is left over from before the clock was set back.
    return nowMs - window.startMs >= WINDOW_MS || window.startMs > nowMs
  }

  function dropOld(nowMs: number): void {
    for (const [keyId, window] of windows) {
      if (!isOver(window, nowMs)) return
      windows.delete(keyId)
    }
  }

  function windowOf(keyId: string, nowMs: number): Window {
    const current = windows.get(keyId)
    if (current && !isOver(current, nowMs)) return current
    const fresh = { startMs: nowMs, requests: 0 }
    windows.delete(keyId)
    windows.set(keyId, fresh)
    return fresh
  }

  async function reserve({ keyId, limits }: LimitAsk): Promise<Reservation> {
    const limit = limits.requestsPerMinute
    if (limit === null) return { ok: true, snapshot: UNLIMITED, commit() {}, cancel() {} }
    const nowMs = clock.nowMs()
    dropOld(nowMs)
    const window = windowOf(keyId, nowMs)
    const resetS = secondsLeft(window, nowMs)
    if (window.requests >= limit) {
      return { ok: false, reason: 'requests', retryAfterS: resetS, snapshot: snapshotOf(limit, window, resetS) }
    }
    window.requests++
    let open = true
    return {
      ok: true,
      snapshot: snapshotOf(limit, window, resetS),
      commit() {
        open = false
      },
      cancel() {
        // Its own window, which may be over by now: then nothing is given back to the next one.
        if (open) window.requests--
        open = false
      }
    }
  }

  async function peek({ keyId, limits }: Pick<LimitAsk, 'keyId' | 'limits'>): Promise<LimitSnapshot> {
    const limit = limits.requestsPerMinute
    if (limit === null) return UNLIMITED
    const nowMs = clock.nowMs()
    const window = windows.get(keyId)
    if (!window || isOver(window, nowMs)) return snapshotOf(limit, { startMs: nowMs, requests: 0 }, 0)
    return snapshotOf(limit, window, secondsLeft(window, nowMs))
  }

  return {
    reserve,
    peek,
    get size() {
      return windows.size
    }
  }
}

const UNLIMITED: LimitSnapshot = {
  limitRequests: null,
  remainingRequests: null,
  limitInputTokens: null,
  remainingInputTokens: null,
  resetS: 0
}

function secondsLeft({ startMs }: Window, nowMs: number): number {
  return Math.max(1, Math.ceil((startMs + WINDOW_MS - nowMs) / 1000))
}

function snapshotOf(limit: number, { requests }: Window, resetS: number): LimitSnapshot {
  return { ...UNLIMITED, limitRequests: limit, remainingRequests: Math.max(0, limit - requests), resetS }
}
