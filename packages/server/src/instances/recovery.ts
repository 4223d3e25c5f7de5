import type { Ledger } from '../ledger/service.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Instances } from './service.js'

const SWEEP_MS = 60_000

export interface RecoveryDeps {
  readonly instances: Instances
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: Log
}

/** Releases what dead instances still hold, and what this one failed to end: once now, then every minute until `stop`. */
export async function startRecovery({ instances, ledger, clock, log }: RecoveryDeps): Promise<{ stop: () => void }> {
  let stopped = false
  let cancel = () => {}

  async function sweep(): Promise<void> {
    for (const dead of await instances.findDead()) {
      const released = await ledger.recover(dead.id, dead.epoch)
      if (released > 0)
        log.warn({ instance: dead.id, holds: released }, 'released what a dead instance held; none of it was charged')
      if (dead.gone) await instances.markEnded(dead.id)
    }
    const own = await ledger.recoverOwn()
    if (own > 0) log.warn({ holds: own }, 'released holds whose end could not be written; none of it was charged')
  }

  function sweepLater(): void {
    if (stopped) return
    cancel = clock.after(SWEEP_MS, () => {
      sweep()
        .catch((error) => log.error({ error: String(error) }, 'could not release what dead instances hold'))
        .finally(sweepLater)
    })
  }

  await sweep()
  sweepLater()
  return {
    stop() {
      stopped = true
      cancel()
    }
  }
}
