import type { Clock } from './clock.js'
import type { Log } from './log.js'

export interface SweepOptions {
  readonly clock: Clock
  readonly log: Log
  readonly everyMs: number
  /** What failed, for the log: `could not …`. */
  readonly failure: string
  readonly sweep: () => Promise<unknown>
}

/** Runs `sweep` again and again, each time `everyMs` after the last has ended; one that fails is logged and tried again. */
export function startSweep({ clock, log, everyMs, failure, sweep }: SweepOptions): { stop: () => Promise<void> } {
  let stopped = false
  let cancel = () => {}
  let running: Promise<unknown> = Promise.resolve()

  function sweepLater(): void {
    if (stopped) return
    cancel = clock.after(everyMs, () => {
      running = sweep()
        .catch((error) => log.error({ error: String(error) }, failure))
        .finally(sweepLater)
    })
  }

  sweepLater()
  return {
    /** Resolves when a sweep under way has ended: the database may be closed then. */
    async stop() {
      stopped = true
      cancel()
      await running
    }
  }
}
