import { type Clock, sleep } from '../lib/clock.js'
import type { Call } from './call.js'

/** How soon another process' word is heard that an account is suspended: its answers stop within a second. */
const LOOK_MS = 400

export interface InFlightDeps {
  readonly clock: Clock
  /** Changes when another process wrote to the database. */
  readonly foreignVersion?: () => number
  /** Those of these accounts that may not act any more. */
  readonly stoppedAmong?: (accountIds: readonly string[]) => Promise<ReadonlySet<string>>
}

export type InFlight = ReturnType<typeof createInFlight>

/** The requests under way: what a graceful stop waits for, and which stop when their account is suspended. */
export function createInFlight({
  clock,
  foreignVersion = () => 0,
  stoppedAmong = async () => new Set<string>()
}: InFlightDeps) {
  const calls = new Set<Call>()
  let stopping = false
  let seenVersion = 0
  let stopLooking: (() => void) | undefined

  /** Stops the answers of accounts that may not act, streamed or not: of one that is not whole nothing is delivered. */
  async function stopSuspended(): Promise<void> {
    const running = [...calls]
    if (running.length === 0) return
    const stopped = await stoppedAmong([...new Set(running.map(({ plan }) => plan.principal.account.id))])
    for (const call of running) if (stopped.has(call.plan.principal.account.id)) call.cancel('account')
  }

  function look(): void {
    stopLooking = clock.after(LOOK_MS, () => {
      const version = foreignVersion()
      const isNew = version !== seenVersion
      seenVersion = version
      // What fails now is looked at again: the version is not that of the next look.
      if (isNew)
        stopSuspended().catch(() => {
          seenVersion = Number.NaN
        })
      look()
    })
  }

  function forget(call: Call): void {
    calls.delete(call)
    if (calls.size > 0) return
    stopLooking?.()
    stopLooking = undefined
  }

  return {
    stopping: () => stopping,
    count: () => calls.size,
    streams: () => [...calls].filter(({ plan }) => plan.stream).length,
    stopSuspended,

    /** How many run, by account. */
    byAccount(): ReadonlyMap<string, number> {
      const counts = new Map<string, number>()
      for (const { plan } of calls) {
        const { id } = plan.principal.account
        counts.set(id, (counts.get(id) ?? 0) + 1)
      }
      return counts
    },

    add(call: Call): void {
      calls.add(call)
      // It was admitted by what the database said a moment ago, and somebody may have decided since: the next look reads.
      seenVersion = Number.NaN
      if (!stopLooking) look()
      // It was admitted while the stop began, and nobody else would end it in time.
      if (stopping) call.cancel('server')
      call.whenEnded.finally(() => forget(call)).catch(() => undefined)
    },

    /** Refuses new requests, lets those under way finish for `limitMs`, then stops the rest: they are not charged. */
    async drain(limitMs: number): Promise<void> {
      stopping = true
      const allEnded = () => Promise.allSettled([...calls].map((call) => call.whenEnded))
      await Promise.race([allEnded(), sleep(clock, limitMs)])
      for (const call of calls) call.cancel('server')
      await allEnded()
    }
  }
}
