import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import { startSweep } from '../lib/sweep.js'
import type { Ledger } from './service.js'

const SWEEP_MS = 60_000

/**
 * Enters the expiry of grants whose end has come: once now, then every minute until `stop`. Nobody
 * waits for it: a grant counts until its end and no longer, whenever that is written down.
 */
export async function startExpiry({
  ledger,
  clock,
  log
}: {
  ledger: Pick<Ledger, 'expire'>
  clock: Clock
  log: Log
}): Promise<{ stop: () => Promise<void> }> {
  await ledger.expire()
  return startSweep({
    clock,
    log,
    everyMs: SWEEP_MS,
    failure: 'could not enter what has expired',
    sweep: ledger.expire
  })
}
