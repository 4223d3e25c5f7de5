import type { Clock } from '../../lib/clock.js'
import { createFakeClock } from '../../testing/fake-clock.js'
import type { Accepted, KeyLimits, LimitAsk, Limiter } from '../limiter.js'

export type CreateLimiter = (deps: { clock: Clock }) => Limiter

export const NO_LIMITS: KeyLimits = {
  requestsPerMinute: null,
  inputTokensPerMinute: null,
  concurrentStreams: null,
  concurrentRequests: 1_000_000
}

/** A limiter with a clock that a test moves, and one key's way to ask it. */
export function startLimiter(createLimiter: CreateLimiter, limits: Partial<KeyLimits>) {
  const clock = createFakeClock()
  const limiter = createLimiter({ clock })
  const ask: LimitAsk = { keyId: 'key_1', limits: { ...NO_LIMITS, ...limits }, inputTokens: 10, stream: false }
  const reserve = (changes: Partial<LimitAsk> = {}) => limiter.reserve({ ...ask, ...changes })

  async function accepted(changes: Partial<LimitAsk> = {}): Promise<Accepted> {
    const reservation = await reserve(changes)
    if (!reservation.ok) throw new Error(`refused: ${reservation.reason}`)
    return reservation
  }

  return { clock, limiter, reserve, accepted, peek: () => limiter.peek(ask) }
}
