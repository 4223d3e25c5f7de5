import { type Clock, sleep } from '../lib/clock.js'
import type { Call } from './call.js'

export type InFlight = ReturnType<typeof createInFlight>

/** The requests under way: what a graceful stop waits for. */
export function createInFlight({ clock }: { clock: Clock }) {
  const calls = new Set<Call>()
  let stopping = false

  return {
    stopping: () => stopping,
    count: () => calls.size,
    streams: () => [...calls].filter(({ plan }) => plan.stream).length,

    add(call: Call): void {
      calls.add(call)
      // It was admitted while the stop began, and nobody else would end it in time.
      if (stopping) call.cancel('server')
      call.whenEnded.finally(() => calls.delete(call)).catch(() => undefined)
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
