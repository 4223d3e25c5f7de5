import type { ErrorCode, Receipt } from '@caicaini/protocol'
import type { Clock } from '../lib/clock.js'
import type { CallObserver, Origin, Try, Way } from '../metrics/observer.js'
import type { CallPlan, Target } from './call.js'
import type { ProviderEvent } from './providers/provider.js'

interface Ending {
  readonly receipt: Receipt
  /** Both since the request came. */
  readonly firstTokenMs: number | null
  readonly latencyMs: number
  readonly errorCode: ErrorCode | null
}

export interface WatchDeps {
  readonly clock: Clock
  readonly observer: CallObserver
  readonly origin: Origin
  /** The way that is being tried. */
  readonly target: () => Target
}

/** Tells the observer how the providers of one call did: waiting for an earlier one counts for none of them. */
export function watchProvider(plan: CallPlan, { clock, observer, origin, target }: WatchDeps) {
  let askedAtMs = plan.startedAtMs
  let isAnswering = false
  const tries: Try[] = []
  // What a customer called it may be one of a family: names without end.
  const way = (): Way => ({ provider: target().provider.name, model: target().model.id })

  /** Whatever is told of one that failed stays. */
  function endTry(code: string | null): void {
    const last = tries.at(-1)
    if (last && last.endedAtMs === null) tries[tries.length - 1] = { ...last, endedAtMs: clock.nowMs(), code }
  }

  return {
    asked(): void {
      askedAtMs = clock.nowMs()
      tries.push({ ...way(), startedAtMs: askedAtMs, endedAtMs: null, code: null })
      observer.asked(way())
    },

    firstWord(event: ProviderEvent | undefined): void {
      if (event?.type === 'failed') {
        endTry(event.code)
        observer.failed({ ...way(), code: event.code, inAnswer: false })
      }
      isAnswering = event?.type === 'head'
    },

    ended({ receipt, firstTokenMs, latencyMs, errorCode }: Ending): void {
      const code = receipt.status === 'failed' ? (errorCode ?? 'upstream_error') : null
      endTry(code)
      if (isAnswering && code !== null) observer.failed({ ...way(), code, inAnswer: true })
      const waitedMs = askedAtMs - plan.startedAtMs
      observer.ended({
        ...way(),
        status: receipt.status,
        tokens: {
          input: receipt.input_tokens,
          output: receipt.output_tokens,
          cache_read: receipt.cache_read_tokens,
          cache_write: receipt.cache_write_tokens
        },
        credits: receipt.credits,
        uncollected: receipt.uncollected,
        firstTokenMs: firstTokenMs === null ? null : Math.max(0, firstTokenMs - waitedMs),
        latencyMs: Math.max(0, latencyMs - waitedMs),
        requestId: plan.requestId,
        origin,
        startedAtMs: plan.startedAtMs,
        endedAtMs: clock.nowMs(),
        tries
      })
    }
  }
}
