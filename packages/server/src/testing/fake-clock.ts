import type { Clock } from '../lib/clock.js'

export interface FakeClock extends Clock {
  /** Moves time on and runs what came due, in order. */
  advance(by: { ms?: number; seconds?: number; minutes?: number; days?: number }): void
  /** Sets the time without running what is due, as a system clock that is corrected does. */
  set(nowMs: number): void
  /** Tasks that wait: 0 once nothing was forgotten. */
  readonly pending: number
}

/** Time that stands still until a test moves it. */
export function createFakeClock(startMs = Date.UTC(2026, 10, 15, 12)): FakeClock {
  let nowMs = startMs
  let timers: { atMs: number; task: () => void }[] = []

  function runDue(untilMs: number): void {
    for (;;) {
      const due = timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (!due) break
      timers = timers.filter((timer) => timer !== due)
      nowMs = Math.max(nowMs, due.atMs)
      due.task()
    }
    nowMs = untilMs
  }

  return {
    nowMs: () => nowMs,
    after(delayMs, task) {
      const timer = { atMs: nowMs + delayMs, task }
      timers.push(timer)
      return () => {
        timers = timers.filter((each) => each !== timer)
      }
    },
    advance({ ms = 0, seconds = 0, minutes = 0, days = 0 }) {
      runDue(nowMs + ms + seconds * 1000 + minutes * 60_000 + days * 86_400_000)
    },
    set(at) {
      nowMs = at
    },
    get pending() {
      return timers.length
    }
  }
}
