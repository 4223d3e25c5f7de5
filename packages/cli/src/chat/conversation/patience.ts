import { EXIT } from '@caicaini/protocol'
import type { CliError } from '../../lib/cli-error.js'
import type { RetryDecision } from '../../lib/retry.js'

/** Somebody is watching, and may press Esc: a server may take this long to come back. */
const BACK_WITHIN_MS = 120_000
const BACKOFF_FIRST_MS = 500
const BACKOFF_MAX_MS = 8_000
/** No rate limit of ours lasts longer; what asks for more is told and not waited for. */
const RATE_LIMIT_MAX_MS = 3_600_000

/** As `decideRetry`, for a chat: a rate limit is waited out, a server that is gone is waited for. */
export function decidePatiently(
  { retryable, exit, retryAfterMs }: CliError,
  { attempt, elapsedMs, random }: { attempt: number; elapsedMs: number; random: () => number }
): RetryDecision {
  if (!retryable) return { retry: false }
  const backoffMs = Math.round((0.5 + random() / 2) * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (attempt - 1)))
  const waitMs = retryAfterMs ?? backoffMs
  const limitMs = exit === EXIT.rateLimit ? RATE_LIMIT_MAX_MS : BACK_WITHIN_MS
  return elapsedMs + waitMs <= limitMs ? { retry: true, waitMs } : { retry: false }
}
