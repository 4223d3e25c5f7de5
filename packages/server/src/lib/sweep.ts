import type { Clock } from './clock.js'
import type { Log } from './log.js'

/** Work that is done again and again until it is stopped. */
export interface Sweep {
  /** Starts no further round, and resolves when the one under way is over. */
  stop(): Promise<void>
}

/** Does `work` every `everyMs`, one round after another; a round that fails is logged as `what` and the next one comes all the same. */
export function startSweep({
  clock,
  log,
  everyMs,
  what,
  work
}: {
  clock: Clock
  log: Log
  everyMs: number
  what: string
  work: () => Promise<void>
}): Sweep {
  let stopped = false
  let cancel = () => {}
  let round: Promise<void> = Promise.resolve()

  function later(): void {
    if (stopped) return
    cancel = clock.after(everyMs, () => {
      round = work()
        .catch((error) => log.error({ error: String(error) }, what))
        .finally(later)
    })
  }

  later()
  return {
    async stop() {
      stopped = true
      cancel()
      await round
    }
  }
}
