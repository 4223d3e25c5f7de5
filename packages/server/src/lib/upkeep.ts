import type { Clock } from './clock.js'
import type { Log } from './log.js'
import { startSweep } from './sweep.js'

const EVERY_MS = 300_000

/** What a serving process does now and then, one after another: a short command beside it has no time for that. */
export function createUpkeep({
  clock,
  log,
  sweeps
}: {
  clock: Clock
  log: Log
  sweeps: readonly (() => Promise<unknown>)[]
}) {
  let running: { stop: () => Promise<void> } | undefined

  async function sweep(stopped: () => boolean): Promise<void> {
    for (const each of sweeps) if (!stopped()) await each()
  }

  return {
    serve(): void {
      running ??= startSweep({ clock, log, everyMs: EVERY_MS, failure: 'could not tidy up; trying again', sweep })
    },
    async stop(): Promise<void> {
      await running?.stop()
    }
  }
}
