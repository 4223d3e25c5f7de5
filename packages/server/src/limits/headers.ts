import type { LimitSnapshot } from './limiter.js'

/** How much of the tier's minute is left, in our names and in Anthropic's. A tier without a limit says `unlimited`. */
export function* rateLimitHeaders({
  tier,
  snapshot,
  nowMs
}: {
  tier: string
  snapshot: LimitSnapshot
  nowMs: number
}): Iterable<[string, string]> {
  const { limitRequests, remainingRequests, resetS } = snapshot
  const limit = limitRequests === null ? 'unlimited' : String(limitRequests)
  const remaining = remainingRequests === null ? 'unlimited' : String(remainingRequests)
  yield ['x-ratelimit-tier', tier]
  yield ['x-ratelimit-limit-requests', limit]
  yield ['x-ratelimit-remaining-requests', remaining]
  yield ['x-ratelimit-reset-requests', String(resetS)]
  if (limitRequests === null) return
  yield ['anthropic-ratelimit-requests-limit', limit]
  yield ['anthropic-ratelimit-requests-remaining', remaining]
  yield ['anthropic-ratelimit-requests-reset', new Date(nowMs + resetS * 1000).toISOString()]
}
