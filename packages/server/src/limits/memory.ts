import type { Clock } from '../lib/clock.js'
import type { AccountLimits, LimitAsk, Limiter, LimitSnapshot, Refused, Reservation } from './limiter.js'
import { createSlots, type Slots, type Taken } from './slots.js'
import { createWindows, secondsLeft, type Window, type Windows } from './windows.js'

/** When a slot comes free nobody knows; an answer is a matter of seconds. */
const SLOT_RETRY_AFTER_S = 1

/** The limiter of one process. */
export interface MemoryLimiter extends Limiter {
  /** Keys with a window: only those with a request in the last minute. */
  readonly size: number
  /** Keys with requests under way. */
  readonly busy: number
}

/** One of the two that a request takes its place in: its key, or its account. */
interface Scope {
  readonly name: Refused['scope']
  readonly id: string
  readonly limits: ScopeLimits
  readonly windows: Windows
  readonly slots: Slots
}

type ScopeLimits = AccountLimits & { readonly concurrentRequests: number | null }

export function createMemoryLimiter({ clock }: { clock: Clock }): MemoryLimiter {
  const ofKeys = { windows: createWindows(), slots: createSlots() }
  const ofAccounts = { windows: createWindows(), slots: createSlots() }

  function scopesOf({ keyId, limits, account }: LimitAsk): Scope[] {
    const key: Scope = { name: 'key', id: keyId, limits, ...ofKeys }
    if (!account) return [key]
    // Counted also where there is no ceiling now, so that one that is set later finds what is under way.
    const accountLimits = { ...account.limits, concurrentRequests: null }
    return [key, { name: 'account', id: account.id, limits: accountLimits, ...ofAccounts }]
  }

  async function reserve(ask: LimitAsk): Promise<Reservation> {
    const nowMs = clock.nowMs()
    const scopes = scopesOf(ask)
    const refused = worst(scopes.flatMap((scope) => refusalOf(scope, ask, nowMs)))
    const snapshot = () => snapshotOf(ask.limits, ofKeys.windows.current(ask.keyId, nowMs), nowMs)
    if (refused) return { ok: false, ...refused, snapshot: snapshot() }
    const places = scopes.map((scope) => takePlace(scope, ask, nowMs))
    let open = true

    /** Ends both places, the first time only. */
    function end(change: { requests: number; inputTokens: number }): void {
      if (!open) return
      open = false
      for (const place of places) place.end(change)
    }

    return {
      ok: true,
      snapshot: snapshot(),
      commit: (actual) => end({ requests: 0, inputTokens: actual.inputTokens - ask.inputTokens }),
      cancel: () => end({ requests: -1, inputTokens: -ask.inputTokens })
    }
  }

  async function peek({ keyId, limits }: Pick<LimitAsk, 'keyId' | 'limits'>): Promise<LimitSnapshot> {
    const nowMs = clock.nowMs()
    return snapshotOf(limits, ofKeys.windows.current(keyId, nowMs), nowMs)
  }

  return {
    reserve,
    peek,
    get size() {
      return ofKeys.windows.size
    },
    get busy() {
      return ofKeys.slots.size
    }
  }
}

function takePlace({ id, windows, slots }: Scope, { inputTokens, stream }: LimitAsk, nowMs: number) {
  const window = windows.current(id, nowMs) ?? windows.begin(id, nowMs)
  window.requests++
  window.inputTokens += inputTokens
  slots.take(id, { stream })
  return {
    end(change: { requests: number; inputTokens: number }): void {
      slots.giveBack(id, { stream })
      // Its own window, which may be over by now: then the next one does not feel it.
      window.requests += change.requests
      window.inputTokens += change.inputTokens
    }
  }
}

type Refusal = Pick<Refused, 'scope' | 'reason' | 'retryAfterS'>

function refusalOf({ name, id, limits, windows, slots }: Scope, ask: LimitAsk, nowMs: number): Refusal[] {
  const window = windows.current(id, nowMs)
  const reason = whyNot(ask, limits, window, slots.of(id))
  return reason ? [{ scope: name, reason, retryAfterS: retryAfter(reason, window, nowMs) }] : []
}

/** Of several, the one that takes longest: whoever waits for that has waited for the others. */
function worst(refusals: readonly Refusal[]): Refusal | undefined {
  const waitOf = ({ retryAfterS }: Refusal) => retryAfterS ?? Number.POSITIVE_INFINITY
  return refusals.reduce<Refusal | undefined>(
    (longest, each) => (longest && waitOf(longest) >= waitOf(each) ? longest : each),
    undefined
  )
}

/** What stands in the way, the one that takes longest first. */
function whyNot(
  { inputTokens, stream }: LimitAsk,
  limits: ScopeLimits,
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
  { requestsPerMinute, inputTokensPerMinute }: AccountLimits,
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
