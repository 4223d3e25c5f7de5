import type { Clock } from '../lib/clock.js'
import { secondsLeft, WINDOW_MS } from './windows.js'

/** Whom refusals are counted of: a key, or where requests come from. */
export interface RefusedSubject {
  readonly kind: 'key' | 'address'
  readonly id: string
  /** Refusals in a minute after which every further request is refused until the minute is over. */
  readonly perMinute: number
}

/**
 * Counts refusals apart from what is served: whoever keeps asking for what is refused is soon refused
 * without a look. Sharing it between processes is a matter of the implementation.
 */
export interface RefusalLimiter {
  /** Whole seconds, at least 1, that the subject is refused for; null where it may ask. Takes nothing. */
  retryAfterS(subject: RefusedSubject): Promise<number | null>
  /** One more refusal of the subject's. */
  note(subject: Pick<RefusedSubject, 'kind' | 'id'>): Promise<void>
}

interface Refusals {
  readonly startMs: number
  count: number
}

/** Far more than are at it in one minute of any server that still stands. */
const SUBJECTS_MAX = 100_000

/** The refusals of one process, in minutes that begin with a subject's first. */
export function createMemoryRefusals({ clock, subjectsMax = SUBJECTS_MAX }: { clock: Clock; subjectsMax?: number }) {
  // In order of their start: the old ones are in front.
  const minutes = new Map<string, Refusals>()

  function current(name: string, nowMs: number): Refusals | undefined {
    const minute = minutes.get(name)
    return minute && !isOver(minute, nowMs) ? minute : undefined
  }

  /** Forgets what is over, and beyond the most that are kept, the oldest. */
  function makeRoom(nowMs: number): void {
    for (const [name, minute] of minutes) {
      if (!isOver(minute, nowMs) && minutes.size < subjectsMax) return
      minutes.delete(name)
    }
  }

  return {
    async retryAfterS({ kind, id, perMinute }: RefusedSubject): Promise<number | null> {
      const nowMs = clock.nowMs()
      const minute = current(nameOf(kind, id), nowMs)
      return minute && minute.count >= perMinute ? secondsLeft(minute, nowMs) : null
    },

    async note({ kind, id }: Pick<RefusedSubject, 'kind' | 'id'>): Promise<void> {
      const nowMs = clock.nowMs()
      const name = nameOf(kind, id)
      const minute = current(name, nowMs)
      if (minute) {
        minute.count++
        return
      }
      minutes.delete(name)
      makeRoom(nowMs)
      minutes.set(name, { startMs: nowMs, count: 1 })
    },

    /** Subjects that are remembered. */
    get size() {
      return minutes.size
    }
  } satisfies RefusalLimiter & { size: number }
}

function nameOf(kind: RefusedSubject['kind'], id: string): string {
  return `${kind}:${id}`
}

/** One from the future is from before the clock was set back. */
function isOver({ startMs }: Refusals, nowMs: number): boolean {
  return nowMs - startMs >= WINDOW_MS || startMs > nowMs
}
