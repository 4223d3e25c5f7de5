import type { Clock } from './clock.js'
import type { Log } from './log.js'

export interface SweepOptions {
  readonly clock: Clock
  readonly log: Log
  readonly everyMs: number
  /** What failed, for the log: `could not …`. */
  readonly failure: string
  /** Does its work, or less of it once `stopped()` is true. */
  readonly sweep: (stopped: () => boolean) => Promise<unknown>
}

/** Runs `sweep` now, beside everything else, and again `everyMs` after each has ended; one that fails is logged and tried again. */
export function startSweep({ clock, log, everyMs, failure, sweep }: SweepOptions): { stop: () => Promise<void> } {
  let stopped = false
  let cancel = () => {}
  let running: Promise<unknown> = Promise.resolve()

  function sweepNow(): void {
    running = sweep(() => stopped)
      .catch((error) => log.error({ error: String(error) }, failure))
      .finally(() => {
        if (!stopped) cancel = clock.after(everyMs, sweepNow)
      })
  }

  sweepNow()
  return {
    /** Resolves when a sweep under way has ended: the database may be closed then. */
    async stop() {
      stopped = true
      cancel()
      await running
    }
  }
}
