import { EXIT } from '@caicaini/protocol'
import { CliError } from './cli-error.js'
import { type Clock, sleep } from './clock.js'

export const ATTEMPTS_MAX = 5
export const BUDGET_MS = 30_000
const BACKOFF_FIRST_MS = 500
const BACKOFF_MAX_MS = 8_000

export type RetryDecision = { readonly retry: true; readonly waitMs: number } | { readonly retry: false }

/** Whether to try again after attempt number `attempt` (from 1) failed, and how long to wait. `random` is in [0, 1). */
export function decideRetry(
  error: CliError,
  { attempt, elapsedMs, random }: { attempt: number; elapsedMs: number; random: () => number }
): RetryDecision {
  if (!error.retryable || attempt >= ATTEMPTS_MAX) return { retry: false }
  const ceilingMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (attempt - 1))
  const waitMs = error.retryAfterMs ?? Math.round(random() * ceilingMs)
  return elapsedMs + waitMs <= BUDGET_MS ? { retry: true, waitMs } : { retry: false }
}

export interface RetryOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly signal: AbortSignal
  /** In place of the budget that scripts are held to. */
  readonly decide?: typeof decideRetry | undefined
  /** Waits before the next attempt; shows it where someone is watching. */
  readonly onWait?: ((wait: { error: CliError; waitMs: number; signal: AbortSignal }) => Promise<void>) | undefined
}

/** The first success of `attempt`, tried up to 5 times within 30 s; else its last error. */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, random, signal, decide = decideRetry } = options
  const startedAtMs = clock.nowMs()
  for (let number = 1; ; number++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof CliError) || signal.aborted) throw error
      const decision = decide(error, { attempt: number, elapsedMs: clock.nowMs() - startedAtMs, random })
      if (!decision.retry) throw withTime(error, clock.nowMs())
      if (options.onWait) await options.onWait({ error, waitMs: decision.waitMs, signal })
      else await sleep(clock, decision.waitMs, signal)
    }
  }
}

/** A rate limit that outlasts the budget says when it ends. */
function withTime(error: CliError, nowMs: number): CliError {
  if (error.exit !== EXIT.rateLimit || error.retryAfterMs === undefined) return error
  const at = new Date(nowMs + error.retryAfterMs).toISOString().slice(11, 19)
  const seconds = Math.ceil(error.retryAfterMs / 1000)
  return new CliError(error.exit, `${error.message} (try again in ${seconds} s, at ${at} UTC)`, {
    code: error.code,
    retryAfterMs: error.retryAfterMs,
    requestId: error.requestId
  })
}
