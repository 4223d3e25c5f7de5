import type { Clock } from '../lib/clock.js'
import type { KeyLimits, LimitAsk, Limiter, LimitSnapshot, Refused, Reservation } from './limiter.js'
import { createSlots, type Taken } from './slots.js'
import { createWindows, secondsLeft, type Window } from './windows.js'

/** When a slot comes free nobody knows; an answer is a matter of seconds. */
const SLOT_RETRY_AFTER_S = 1

/** The limiter of one process. */
export interface MemoryLimiter extends Limiter {
  /** Keys with a window: only those with a request in the last minute. */
  readonly size: number
  /** Keys with requests under way. */
  readonly busy: number
}

export function createMemoryLimiter({ clock }: { clock: Clock }): MemoryLimiter {
  const windows = createWindows()
  const slots = createSlots()

  async function reserve(ask: LimitAsk): Promise<Reservation> {
    const { keyId, limits, inputTokens } = ask
    const nowMs = clock.nowMs()
    const current = windows.current(keyId, nowMs)
    const reason = whyNot(ask, current, slots.of(keyId))
    if (reason) {
      const retryAfterS = retryAfter(reason, current, nowMs)
      return { ok: false, reason, retryAfterS, snapshot: snapshotOf(limits, current, nowMs) }
    }
    const window = current ?? windows.begin(keyId, nowMs)
    window.requests++
    window.inputTokens += inputTokens
    slots.take(keyId, ask)
    let open = true

    /** Whether this was the first end. */
    function end(): boolean {
      if (!open) return false
      open = false
      slots.giveBack(keyId, ask)
      return true
    }

    return {
      ok: true,
      snapshot: snapshotOf(limits, window, nowMs),
      commit(actual) {
        // Its own window, which may be over by now: then the next one does not feel it.
        if (end()) window.inputTokens += actual.inputTokens - inputTokens
      },
      cancel() {
        if (!end()) return
        window.requests--
        window.inputTokens -= inputTokens
      }
    }
  }

  async function peek({ keyId, limits }: Pick<LimitAsk, 'keyId' | 'limits'>): Promise<LimitSnapshot> {
    const nowMs = clock.nowMs()
    return snapshotOf(limits, windows.current(keyId, nowMs), nowMs)
  }

  return {
    reserve,
    peek,
    get size() {
      return windows.size
    },
    get busy() {
      return slots.size
    }
  }
}

/** What stands in the way, the one that takes longest first: whoever waits for that has waited for the others. */
function whyNot(
  { limits, inputTokens, stream }: LimitAsk,
  window: Window | undefined,
  slots: Taken
): Refused['reason'] | undefined {
  const { requestsPerMinute, inputTokensPerMinute, concurrentStreams, concurrentRequests } = limits
  if (exceeds(inputTokens, inputTokensPerMinute)) return 'exceeds_tier'
  if (exceeds((window?.requests ?? 0) + 1, requestsPerMinute)) return 'requests'
  if (exceeds((window?.inputTokens ?? 0) + inputTokens, inputTokensPerMinute)) return 'tokens'
  if (stream && exceeds(slots.streams + 1, concurrentStreams)) return 'streams'
  if (exceeds(slots.requests + 1, concurrentRequests)) return 'concurrent'
  return undefined
}

function exceeds(count: number, limit: number | null): boolean {
  return limit !== null && count > limit
}

function retryAfter(reason: Refused['reason'], window: Window | undefined, nowMs: number): number | null {
  if (reason === 'exceeds_tier') return null
  if (reason === 'streams' || reason === 'concurrent' || !window) return SLOT_RETRY_AFTER_S
  return secondsLeft(window, nowMs)
}

function snapshotOf(
  { requestsPerMinute, inputTokensPerMinute }: KeyLimits,
  window: Window | undefined,
  nowMs: number
): LimitSnapshot {
  const isLimited = requestsPerMinute !== null || inputTokensPerMinute !== null
  return {
    limitRequests: requestsPerMinute,
    remainingRequests: remaining(requestsPerMinute, window?.requests),
    limitInputTokens: inputTokensPerMinute,
    remainingInputTokens: remaining(inputTokensPerMinute, window?.inputTokens),
    resetS: window && isLimited ? secondsLeft(window, nowMs) : 0
  }
}

function remaining(limit: number | null, taken = 0): number | null {
  return limit === null ? null : Math.max(0, limit - taken)
}
