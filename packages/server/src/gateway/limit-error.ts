import { AppError } from '@caicaini/protocol'
import type { Refused } from '../limits/limiter.js'

const LIMIT_NAMES = {
  requests: 'Requests per minute',
  tokens: 'Input tokens per minute',
  streams: 'Concurrent streams',
  concurrent: 'Concurrent requests'
}

/** The 429 that a limiter's refusal is told as. */
export function limitError({ scope, reason, retryAfterS }: Refused, tier: string): AppError {
  if (reason === 'exceeds_tier') {
    const whose = scope === 'account' ? "this account's ceiling" : `the tier ${tier}`
    const message = `this request alone is larger than ${whose} allows in a minute: it can never fit`
    return new AppError('exceeds_tier', message, { shouldRetry: false })
  }
  const what = LIMIT_NAMES[reason]
  // When a slot comes free is a guess: the header makes it, the text does not.
  const isKnown = retryAfterS !== null && (reason === 'requests' || reason === 'tokens')
  const after = isKnown ? ` Retry after ${retryAfterS}s.` : ''
  const message = `${what} exceeded for this ${scope}.${after}`
  return new AppError('rate_limit', message, retryAfterS === null ? {} : { retryAfterS })
}
