import { AppError, type ErrorCode, type Receipt, type ReceiptStatus } from '@caicaini/protocol'
import { NO_USAGE, type Price, priceOf, type Rate, totalInput, type Usage } from '../catalog/price.js'
import type { ModelEntry } from '../catalog/schema.js'
import type { Principal } from '../keys/key.js'
import type { Outcome } from '../ledger/model.js'
import type { Ledger } from '../ledger/service.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Accepted } from '../limits/limiter.js'
import { type CallObserver, NOBODY, type Origin } from '../metrics/observer.js'
import type { FailedEvent, Provider, ProviderLimits, ProviderRequest } from './providers/provider.js'
import type { ClientFormat } from './request/client-request.js'
import type { Turn } from './turn/turn.js'
import { watchProvider } from './watch-provider.js'
import type { Wire } from './wires.js'

/** One way to an answer: a model at its price, and the provider that is asked for it. */
export interface Target {
  readonly model: ModelEntry
  /** What receipts call it. */
  readonly modelUsed: string
  readonly routeReason: string
  readonly rate: Rate
  readonly provider: Provider
  readonly request: ProviderRequest
  readonly wire: Wire
  readonly timeouts: Pick<ProviderLimits, 'firstByteTimeoutMs' | 'idleTimeoutMs'>
  /** How often it is tried before its first byte. */
  readonly triesMax: number
}

/** What admission decided about a request, before its provider is called. */
export interface CallPlan {
  readonly requestId: string
  readonly principal: Principal
  readonly stream: boolean
  readonly format: ClientFormat
  /** The first is what was asked for; the others stand in for it where the caller allowed that. */
  readonly targets: readonly [Target, ...Target[]]
  readonly discountPercent: number
  /** Images in the request. */
  readonly images: number
  readonly inputTokensEstimated: number
  readonly clamped: number | null
  readonly startedAtMs: number
  /** Resolves when the hold is on disk: no byte may reach the client before. */
  readonly holdDurable: Promise<unknown>
  readonly reservation: Accepted
  /** Null where nothing is kept of it. */
  readonly turn: Turn | null
}

/** How the answer ended, as far as it is billed: what was used, and whether we had to guess it. */
export interface Consumed {
  readonly usage: Usage
  readonly estimated: boolean
  readonly stopReason: string | null
}

const NOTHING: Consumed = { usage: NO_USAGE, estimated: false, stopReason: null }

/** The client left, its account was suspended, the provider failed, or this server is stopping. */
export type StopReason = 'client' | 'account' | 'provider' | 'server'

export interface CallDeps {
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: Log
  readonly observer?: CallObserver | undefined
  readonly origin?: Origin
}

const UNKNOWN: Origin = { path: '', trace: {} }

export type Call = ReturnType<typeof createCall>

/**
 * One admitted request until its end. It ends once: charged or released, its rate-limit reservation
 * given back; whoever comes second gets the first one's receipt.
 */
export function createCall(plan: CallPlan, { ledger, clock, log, observer = NOBODY, origin = UNKNOWN }: CallDeps) {
  const stop = new AbortController()
  let stoppedBy: StopReason | undefined
  const { promise: whenEnded, resolve: noteEnd } = Promise.withResolvers<void>()
  let ended: Promise<Receipt> | undefined
  let firstTokenMs: number | null = null
  let errorCode: ErrorCode | null = null
  let [target] = plan.targets
  const { account, key } = plan.principal
  const watch = watchProvider(plan, { clock, observer, origin, target: () => target })

  /** Never negative: the clock may have been set back. */
  const sinceStartMs = () => Math.max(0, clock.nowMs() - plan.startedAtMs)

  function outcome(status: ReceiptStatus, consumed: Consumed, price?: Price): Outcome {
    const timed = { latency_ms: sinceStartMs(), first_token_ms: firstTokenMs }
    // Only now is it known which length tier the request fell into.
    const priced = { parts: price?.parts ?? [], ...(price && { rate_version: price.version }) }
    const { modelUsed: model_used, provider, routeReason: route_reason } = target
    const served = { model_used, provider: provider.name, route_reason }
    return { status, ...served, ...figuresOf(consumed), ...priced, ...timed }
  }

  function end(resolve: () => ReturnType<Ledger['settle']>, inputTokens: number): Promise<Receipt> {
    ended ??= keeping(plan.turn, finish(resolve, inputTokens)).finally(noteEnd)
    return ended
  }

  async function finish(resolve: () => ReturnType<Ledger['settle']>, inputTokens: number): Promise<Receipt> {
    plan.reservation.commit({ inputTokens })
    const result = await resolve().catch((error) => {
      log.error({ request_id: plan.requestId, error: String(error) }, 'could not settle')
      throw error
    })
    const receipt = result.ok ? result.receipt : await earlierReceipt()
    const { status, model_used: model, provider, credits, uncollected, latency_ms } = receipt
    // An alarm: the estimate that the hold was made by fell short of what the answer cost.
    if (uncollected > 0) log.error({ request_id: plan.requestId, model, uncollected }, 'uncollected')
    const line = { request_id: plan.requestId, key_id: key.id, status, model, provider, credits, latency_ms }
    log.info(line, 'request')
    watch.ended({ receipt, firstTokenMs, latencyMs: sinceStartMs(), errorCode })
    return receipt
  }

  /** The hold was recovered while this process slept: what was decided then stands. */
  async function earlierReceipt(): Promise<Receipt> {
    const { requestId, principal } = plan
    const found = await ledger.receipt({ accountId: principal.account.id, requestId, waitMs: 0 })
    if (found === undefined || found === 'pending') throw new AppError('internal', 'the request has no receipt')
    return found
  }

  const ids = { requestId: plan.requestId, accountId: account.id, keyId: key.id, parentKeyId: key.parentId }

  return {
    plan,
    clock,
    /** The way that is being tried, and in the end the one that answered. */
    target: () => target,
    /** From now on another way is tried. */
    turnTo(next: Target): void {
      target = next
    },
    /** Told when the provider is asked, and what it says first. */
    watch,
    stopSignal: stop.signal,
    /** Resolves once the request is charged or released, or could not be. */
    whenEnded,

    /** Who stopped the provider's call before its end, if anyone did. */
    stoppedBy: () => stoppedBy,

    isCutByCustomer: () => isOfCustomer(stoppedBy),

    /** Stops the provider's call; the first reason counts. */
    cancel(reason: StopReason): void {
      stoppedBy ??= reason
      stop.abort()
    },

    /** For the operator: what the customer is not told. */
    noteFailure({ code, upstreamStatus, operatorHint }: FailedEvent): void {
      errorCode = code
      const { provider, modelUsed: model } = target
      log.warn(
        { request_id: plan.requestId, provider: provider.name, model, code, upstream_status: upstreamStatus },
        operatorHint ?? 'the provider failed'
      )
    },

    noteFirstToken(): void {
      firstTokenMs ??= sinceStartMs()
    },

    /** Bills what was consumed. Rejects when the settle cannot be made durable: the hold stays, for recovery. */
    charge(status: 'complete' | 'aborted', consumed: Consumed): Promise<Receipt> {
      const price = priceOf(target.rate, { usage: consumed.usage, images: plan.images }, plan.discountPercent)
      const settle = () => ledger.settle({ ...ids, charge: price.micro, outcome: outcome(status, consumed, price) })
      return end(settle, totalInput(consumed.usage))
    },

    /** Gives the hold back: nothing came, the provider failed, or we stop. */
    release(): Promise<Receipt> {
      const status = isOfCustomer(stoppedBy) ? 'aborted' : stoppedBy === 'server' ? 'released' : 'failed'
      const told = errorCode ?? (status === 'failed' ? 'upstream_error' : null)
      const giveBack = () => ledger.release({ ...ids, outcome: outcome(status, NOTHING), errorCode: told })
      return end(giveBack, plan.inputTokensEstimated)
    }
  }
}

/** The turn is kept before the answer's last event goes out; also where what it cost is not known. */
async function keeping(turn: Turn | null, settled: Promise<Receipt>): Promise<Receipt> {
  const receipt = await settled.catch(async (error) => {
    await turn?.end(null)
    throw error
  })
  await turn?.end(receipt)
  return receipt
}

/** Whether what was delivered until the stop is billed: it ended for the customer's sake, not for ours. */
const isOfCustomer = (reason: StopReason | undefined) => reason === 'client' || reason === 'account'

function figuresOf({ usage, estimated, stopReason }: Consumed) {
  return {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cache_read_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheWrite5mTokens + usage.cacheWrite1hTokens,
    estimated,
    stop_reason: stopReason
  }
}
