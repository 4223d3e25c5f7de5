import type { Clock } from '../lib/clock.js'
import type { CallObserver, Way } from '../metrics/observer.js'

/** So many failures one after another open it. */
const FAILURES_MAX = 5
/** How long it stays open the first time; each probe that fails doubles it. */
const OPEN_MS = 15_000
const OPEN_MS_MAX = 120_000

export type BreakerState = 'closed' | 'open' | 'half-open'

interface Breaker {
  /** One after another, before a first byte. */
  failures: number
  /** One after another, in the middle of an answer: a first byte does not end their row, a whole answer does. */
  broken: number
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

/** What a breaker is known by. One of a family shares its entry's: names that customers make up have no end. */
export function breakerOf({ provider, model }: Way): string {
  return `${provider} ${model}`
}

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

  function entryOf(name: string): Breaker {
    const known = breakers.get(name)
    if (known) return known
    const fresh = { failures: 0, broken: 0, openUntilMs: null, openMs: OPEN_MS, probing: false, sinceMs: 0 }
    breakers.set(name, fresh)
    return fresh
  }

  function noteFailure(name: string, kind: 'failures' | 'broken'): void {
    const breaker = entryOf(name)
    breaker[kind]++
    if (breaker.probing) {
      breaker.probing = false
      breaker.openMs = Math.min(breaker.openMs * 2, OPEN_MS_MAX)
      breaker.openUntilMs = clock.nowMs() + breaker.openMs
    } else if (breaker.openUntilMs === null && breaker[kind] >= FAILURES_MAX) {
      breaker.openUntilMs = clock.nowMs() + breaker.openMs
      breaker.sinceMs = clock.nowMs()
    }
  }

  /** Told of what comes after the first byte. */
  const observer: CallObserver = {
    asked: () => undefined,
    failed: ({ inAnswer, ...way }) => void (inAnswer && noteFailure(breakerOf(way), 'broken')),
    ended: ({ status, ...way }) => void (status === 'complete' && breakers.delete(breakerOf(way)))
  }

  return {
    observer,

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

    /** It began to answer. */
    noteSuccess(name: string): void {
      const breaker = breakers.get(name)
      if (!breaker) return
      Object.assign(breaker, { failures: 0, probing: false, openUntilMs: null, openMs: OPEN_MS })
      if (breaker.broken === 0) breakers.delete(name)
    },

    noteFailure: (name: string) => noteFailure(name, 'failures'),

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
