import type { Clock } from '../lib/clock.js'

/** So many failures one after another open it. */
const FAILURES_MAX = 5
/** How long it stays open the first time; each probe that fails doubles it. */
const OPEN_MS = 15_000
const OPEN_MS_MAX = 120_000

export type BreakerState = 'closed' | 'open' | 'half-open'

interface Breaker {
  failures: number
  /** Null while it is closed. */
  openUntilMs: number | null
  openMs: number
  probing: boolean
  sinceMs: number
}

export interface BreakerView {
  readonly name: string
  readonly state: BreakerState
  /** When it opened. */
  readonly sinceMs: number
}

export type Breakers = ReturnType<typeof createBreakers>

/**
 * Circuit breakers, one for each provider and model: what keeps failing is not asked for a while, then
 * asked once; that one answer decides. Nobody waits for a provider that is known to be down.
 */
export function createBreakers({ clock }: { clock: Clock }) {
  const breakers = new Map<string, Breaker>()

  function stateOf({ openUntilMs }: Breaker): BreakerState {
    if (openUntilMs === null) return 'closed'
    return clock.nowMs() < openUntilMs ? 'open' : 'half-open'
  }

  return {
    /** Null: it may be asked now. Else so many seconds, whole and at least 1, until somebody may try. */
    waitS(name: string): number | null {
      const breaker = breakers.get(name)
      if (!breaker || breaker.openUntilMs === null) return null
      const leftMs = breaker.openUntilMs - clock.nowMs()
      if (leftMs > 0) return Math.ceil(leftMs / 1000)
      if (breaker.probing) return 1
      breaker.probing = true
      return null
    },

    noteSuccess(name: string): void {
      breakers.delete(name)
    },

    noteFailure(name: string): void {
      const breaker = breakers.get(name) ?? {
        failures: 0,
        openUntilMs: null,
        openMs: OPEN_MS,
        probing: false,
        sinceMs: clock.nowMs()
      }
      breakers.set(name, breaker)
      breaker.failures++
      if (breaker.probing) {
        breaker.probing = false
        breaker.openMs = Math.min(breaker.openMs * 2, OPEN_MS_MAX)
        breaker.openUntilMs = clock.nowMs() + breaker.openMs
      } else if (breaker.openUntilMs === null && breaker.failures >= FAILURES_MAX) {
        breaker.openUntilMs = clock.nowMs() + breaker.openMs
        breaker.sinceMs = clock.nowMs()
      }
    },

    /** The call ended for a reason that says nothing of the provider: its client left. */
    noteNothing(name: string): void {
      const breaker = breakers.get(name)
      if (breaker) breaker.probing = false
    },

    /** Those that are not closed. */
    open(): BreakerView[] {
      return [...breakers]
        .filter(([, breaker]) => stateOf(breaker) !== 'closed')
        .map(([name, breaker]) => ({ name, state: stateOf(breaker), sinceMs: breaker.sinceMs }))
    }
  }
}
