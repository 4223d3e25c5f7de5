import type { Clock } from '../lib/clock.js'

export interface FakeClock extends Clock {
  /** Lets `ms` pass: what is due happens in its order, and what follows from it. */
  advance(ms: number): Promise<void>
}

/** A clock that stands still until it is told. */
export function createFakeClock(startMs = Date.UTC(2026, 10, 21, 10)): FakeClock {
  let nowMs = startMs
  const timers = new Set<{ atMs: number; action: () => void }>()
  return {
    nowMs: () => nowMs,
    after(ms, action) {
      const timer = { atMs: nowMs + ms, action }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(ms) {
      const endMs = nowMs + ms
      for (;;) {
        await settle()
        const [due] = [...timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)
        if (!due) break
        nowMs = due.atMs
        timers.delete(due)
        due.action()
      }
      nowMs = endMs
    }
  }
}

/** Lets everything happen that waits for nothing but its turn. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
