import type { LimitSnapshot } from './limiter.js'

/** Where a key stands with its tier's limits. */
export interface LimitStatus {
  readonly tier: string
  readonly snapshot: LimitSnapshot
  readonly nowMs: number
}

/**
 * How much of the tier's minute is left, in our names, Anthropic's and OpenAI's. Ours say `unlimited` of
 * requests where there is no limit; the others are left out, for their clients read numbers.
 */
export function* rateLimitHeaders({ tier, snapshot, nowMs }: LimitStatus): Iterable<[string, string]> {
  const { limitRequests, remainingRequests, limitInputTokens, remainingInputTokens, resetS } = snapshot
  yield ['x-ratelimit-tier', tier]
  yield ['x-ratelimit-limit-requests', numberOf(limitRequests)]
  yield ['x-ratelimit-remaining-requests', numberOf(remainingRequests)]
  yield ['x-ratelimit-reset-requests', String(resetS)]
  const resetAt = new Date(nowMs + resetS * 1000).toISOString()
  if (limitRequests !== null) {
    yield ['anthropic-ratelimit-requests-limit', numberOf(limitRequests)]
    yield ['anthropic-ratelimit-requests-remaining', numberOf(remainingRequests)]
    yield ['anthropic-ratelimit-requests-reset', resetAt]
  }
  if (limitInputTokens !== null) {
    yield ['anthropic-ratelimit-input-tokens-limit', numberOf(limitInputTokens)]
    yield ['anthropic-ratelimit-input-tokens-remaining', numberOf(remainingInputTokens)]
    yield ['anthropic-ratelimit-input-tokens-reset', resetAt]
    // OpenAI: durations like `6m0s` (docs, rate limits in headers); a window is a minute at most.
    yield ['x-ratelimit-limit-tokens', numberOf(limitInputTokens)]
    yield ['x-ratelimit-remaining-tokens', numberOf(remainingInputTokens)]
    yield ['x-ratelimit-reset-tokens', `${resetS}s`]
  }
}

function numberOf(count: number | null): string {
  return count === null ? 'unlimited' : String(count)
}
