import type { Clock } from '../lib/clock.js'

/** A clock that stands still until a test moves it; due tasks run in order, each at its own time. */
export interface ManualClock extends Clock {
  advance(ms: number): void
  /** Sets the time without running what is due, as a system clock that is corrected does. */
  setMs(ms: number): void
  /** Tasks that wait: 0 once nothing was forgotten. */
  readonly pending: number
}

export function createManualClock(startMs = Date.UTC(2026, 10, 21)): ManualClock {
  let nowMs = startMs
  let tasks: { readonly dueMs: number; readonly run: () => void }[] = []

  return {
    nowMs: () => nowMs,
    after(delayMs, run) {
      const task = { dueMs: nowMs + delayMs, run }
      tasks.push(task)
      return () => {
        tasks = tasks.filter((other) => other !== task)
      }
    },
    advance(ms) {
      const targetMs = nowMs + ms
      for (;;) {
        const next = tasks.filter(({ dueMs }) => dueMs <= targetMs).sort((a, b) => a.dueMs - b.dueMs)[0]
        if (!next) break
        tasks = tasks.filter((other) => other !== next)
        nowMs = Math.max(nowMs, next.dueMs)
        next.run()
      }
      nowMs = targetMs
    },
    setMs(ms) {
      nowMs = ms
    },
    get pending() {
      return tasks.length
    }
  }
}
