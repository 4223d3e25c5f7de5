import type { Clock } from './clock.js'

export interface Watchdog {
  /** Aborted with what `expired` made when nothing happened for too long, or with the outer signal's reason. */
  readonly signal: AbortSignal
  /** Something arrived: the wait begins anew. */
  touch(): void
  /** Nothing is waited for until the next `touch`. */
  pause(): void
  /** The wait is over, well or not. */
  stop(): void
  /** The wait is over, and what it was for is to be dropped. */
  abort(reason: unknown): void
}

/** Ends a wait that takes longer than `limitMs`. */
export function createWatchdog(
  clock: Clock,
  { limitMs, signal, expired }: { limitMs: number; signal?: AbortSignal | undefined; expired: () => Error }
): Watchdog {
  const controller = new AbortController()
  const start = () => clock.after(limitMs, () => controller.abort(expired()))
  let cancel = start()
  return {
    signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
    touch() {
      cancel()
      cancel = start()
    },
    pause: () => cancel(),
    stop: () => cancel(),
    abort(reason) {
      cancel()
      controller.abort(reason)
    }
  }
}
