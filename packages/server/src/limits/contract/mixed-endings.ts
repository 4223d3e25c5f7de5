import type { Clock } from '../../lib/clock.js'
import { createFakeClock } from '../../testing/fake-clock.js'
import type { Accepted, LimitAsk, Limiter } from '../limiter.js'

export const MIXED_LIMITS = {
  requestsPerMinute: 500,
  inputTokensPerMinute: 30_000,
  concurrentStreams: 20,
  concurrentRequests: 40
}

/**
 * For tests: 10,000 accepted requests, asked for several at a time, ended in any order, by commit, by cancel,
 * twice, in a later minute, now and then with the clock set back. All have ended when it resolves.
 */
export async function mixedEndings<L extends Limiter>(
  createLimiter: (deps: { clock: Clock }) => L,
  { keys }: { keys: number }
) {
  const clock = createFakeClock()
  const limiter = createLimiter({ clock })
  const below = dice()
  const open: Accepted[] = []
  let accepted = 0

  const ask = (): LimitAsk => ({
    keyId: `key_${below(keys)}`,
    limits: MIXED_LIMITS,
    inputTokens: below(100),
    stream: below(2) === 0
  })

  function endOne(): void {
    const [reservation] = open.splice(below(open.length), 1)
    const ends = [() => reservation?.commit({ inputTokens: below(200) }), () => reservation?.cancel()]
    for (let times = 1 + below(3); times > 0; times--) ends[below(2)]?.()
  }

  while (accepted < 10_000) {
    const asked = Array.from({ length: 1 + below(8) }, () => limiter.reserve(ask()))
    // Some end while others are still being asked for.
    while (open.length > 0 && below(3) > 0) endOne()
    for (const reservation of await Promise.all(asked)) {
      if (!reservation.ok) continue
      accepted++
      open.push(reservation)
    }
    while (open.length > 0 && below(4) > 0) endOne()
    if (below(10) === 0) clock.advance({ ms: below(30_000) })
    if (below(200) === 0) clock.set(clock.nowMs() - below(90_000))
  }
  while (open.length > 0) endOne()
  return { clock, limiter }
}

/** Whole numbers below a bound, the same ones in every run (Numerical Recipes' linear congruential generator). */
function dice(): (bound: number) => number {
  let state = 1
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}
