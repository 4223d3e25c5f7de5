import { AppError } from '@caicaini/protocol'
import { type Catalog, resolveModel } from '../catalog/catalog.js'
import { discountOf, includesModel, requirePlan, tierOf } from '../catalog/entitlements.js'
import { dearestInputRate, rateAt } from '../catalog/price.js'
import type { ModelEntry } from '../catalog/schema.js'
import type { Principal } from '../keys/service.js'
import type { HoldResult } from '../ledger/model.js'
import type { Ledger } from '../ledger/service.js'
import type { Clock } from '../lib/clock.js'
import type { Accepted, Limiter, LimitSnapshot, Refused } from '../limits/limiter.js'
import { chooseModel } from './auto-route.js'
import type { CallPlan } from './call.js'
import { estimateInput } from './estimate.js'
import type { Provider, Providers } from './providers/index.js'
import { type MessagesRequest, readMessagesRequest } from './request.js'
import { spliceTopLevel } from './splice.js'

/** A balance that affords fewer output tokens than this is refused: the answer would be cut before it says anything. */
const OUTPUT_TOKENS_LEAST = 1_024

export interface AdmissionDeps {
  readonly catalog: Catalog
  readonly providers: Providers
  readonly limiter: Limiter
  readonly ledger: Ledger
  readonly clock: Clock
}

export interface Ask {
  readonly requestId: string
  readonly startedAtMs: number
  readonly principal: Principal
  readonly bytes: Uint8Array
  readonly headers: Headers
  /** Told as soon as it is known, for the headers of every answer, also of a refusal. */
  readonly noteLimits: (tier: string, snapshot: LimitSnapshot) => void
}

export type Admission = ReturnType<typeof createAdmission>

/** Everything between a request's bytes and its provider: what is asked, whether it may, and what it may cost. */
export function createAdmission({ catalog, providers, limiter, ledger, clock }: AdmissionDeps) {
  function routeOf(request: MessagesRequest, principal: Principal): { model: ModelEntry; routeReason: string } {
    const resolved = resolveModel(catalog, request.model, clock.nowMs())
    switch (resolved.kind) {
      case 'model':
        return { model: resolved.model, routeReason: 'you picked this model' }
      case 'auto': {
        const route = chooseModel({
          body: request.body,
          catalog,
          available: (each) => includesModel(catalog, principal.account, each) && providerOf(each, principal) !== undefined
        })
        if (!route) throw unavailable(request.model, principal)
        return { model: route.model, routeReason: route.reason }
      }
      case 'retired':
        throw new AppError('model_retired', `model: "${request.model}" is retired; use "${resolved.successor}"`)
      case 'unknown': {
        const near = resolved.nearest.length > 0 ? ` Did you mean ${resolved.nearest.join(' or ')}?` : ''
        throw new AppError(
          'model_not_found',
          `model: there is no "${request.model}".${near} GET /v1/models lists them.`
        )
      }
    }
  }

  /** The model's own provider where it has a key here. Where none has, the sandbox, for the owner alone. */
  function providerOf(model: ModelEntry, { account }: Principal): Provider | undefined {
    const isTrial = providers.configured.length === 0 && account.role === 'owner'
    return providers.get(model.provider) ?? (isTrial ? providers.sandbox : undefined)
  }

  /** The owner is told which variable would make the model available; a customer has no use for it. */
  function unavailable(name: string, { account }: Principal): AppError {
    const resolved = resolveModel(catalog, name, clock.nowMs())
    const entry = resolved.kind === 'model' ? catalog.providers[resolved.model.provider] : undefined
    const mend = account.role === 'owner' && entry && 'api_key_env' in entry ? `: set ${entry.api_key_env} and start again` : ' at the moment'
    return new AppError('overloaded', `${name} is not available on this server${mend}`, { shouldRetry: false })
  }

  async function reserve(ask: Ask, request: MessagesRequest, inputTokens: number): Promise<Accepted> {
    const { name, limits } = tierOf(catalog, ask.principal.account)
    const keyId = ask.principal.key.id
    const reservation = await limiter.reserve({ keyId, limits, inputTokens, stream: request.stream })
    ask.noteLimits(name, reservation.snapshot)
    if (!reservation.ok) throw limitError(reservation, name)
    return reservation
  }

  return {
    /** Admits a request or throws the `AppError` that says why not; a refusal costs nothing and takes nothing. */
    async admit(ask: Ask): Promise<CallPlan> {
      const { principal, requestId } = ask
      const request = readMessagesRequest(ask.bytes)
      const { model, routeReason } = routeOf(request, principal)
      requirePlan(catalog, principal.account, { client: clientOf(principal, ask.headers), model })
      const provider = providerOf(model, principal)
      if (!provider) throw unavailable(request.model, principal)
      const { inputTokens, cacheWriteTtl } = estimateInput(request.body, { contextWindow: model.context_window })
      const reservation = await reserve(ask, request, inputTokens)

      const rate = rateAt(model, clock.nowMs())
      const discountPercent = discountOf(catalog, principal.account)
      const share = BigInt(100 - discountPercent)
      const hold = ledger.hold({
        requestId,
        accountId: principal.account.id,
        keyId: principal.key.id,
        context: {
          model: request.model,
          modelUsed: model.id,
          routeReason,
          provider: provider.name,
          rateVersion: rate.version,
          discount: discountPercent
        },
        inputCost: BigInt(inputTokens) * dearestInputRate(rate, cacheWriteTtl) * share,
        outputRate: rate.output * share,
        tokensWanted: Math.min(request.maxTokens, model.max_output_tokens),
        tokensLeast: tokensLeast(request)
      })
      let held: HoldResult
      try {
        held = await hold.decided
      } catch (error) {
        reservation.cancel()
        throw error
      }
      if (!held.ok) {
        reservation.cancel()
        throw creditsError(held)
      }
      const { clamped } = held
      const replacements = { model: model.upstream_id, ...(clamped !== null && { max_tokens: clamped }) }
      const timeouts = catalog.providers[model.provider]
      return {
        requestId,
        principal,
        model,
        routeReason,
        rate,
        discountPercent,
        provider,
        providerRequest: {
          body: spliceTopLevel(ask.bytes, request.scan, replacements),
          upstreamModel: model.upstream_id,
          stream: request.stream,
          headers: forwardedHeaders(ask.headers)
        },
        providerTimeouts: {
          firstByteTimeoutMs: timeouts?.first_byte_timeout_ms ?? 60_000,
          idleTimeoutMs: timeouts?.idle_timeout_ms ?? 60_000
        },
        inputTokensEstimated: inputTokens,
        clamped,
        startedAtMs: ask.startedAtMs,
        holdDurable: hold.durable,
        reservation
      }
    }
  }
}

/** Our own client is known by its header, whatever key it brings. */
function clientOf({ key }: Principal, headers: Headers): 'api' | 'cli' {
  return key.scope === 'cli' || headers.get('x-caicaini-client')?.startsWith('cli/') ? 'cli' : 'api'
}

/** A thinking budget must stay below max_tokens, or the provider refuses the request. */
function tokensLeast({ maxTokens, thinkingBudget }: MessagesRequest): number {
  return Math.min(maxTokens, Math.max(OUTPUT_TOKENS_LEAST, (thinkingBudget ?? 0) + 1))
}

/** Only headers that the format defines travel on; a key never does. */
function forwardedHeaders(headers: Headers): Record<string, string> {
  const forwarded: Record<string, string> = { 'anthropic-version': headers.get('anthropic-version') ?? '2023-06-01' }
  const beta = headers.get('anthropic-beta')
  if (beta !== null) forwarded['anthropic-beta'] = beta
  return forwarded
}

const LIMIT_NAMES = { requests: 'Requests per minute', tokens: 'Input tokens per minute', streams: 'Concurrent streams' }

function limitError({ reason, retryAfterS }: Refused, tier: string): AppError {
  if (reason === 'exceeds_tier') {
    return new AppError(
      'exceeds_tier',
      `this request alone is larger than the tier ${tier} allows in a minute: it can never fit`,
      {
        shouldRetry: false
      }
    )
  }
  const what = LIMIT_NAMES[reason]
  const after = retryAfterS === null ? '' : ` Retry after ${retryAfterS}s.`
  return new AppError(
    'rate_limit',
    `${what} exceeded for this key.${after}`,
    retryAfterS === null ? {} : { retryAfterS }
  )
}

function creditsError({ reason, affordableTokens }: Extract<HoldResult, { ok: false }>): AppError {
  const whose = reason === 'key_quota' ? "this key's own quota" : 'the balance'
  const message =
    affordableTokens > 0
      ? `${whose} affords ${affordableTokens.toLocaleString('en-US')} output tokens for this request, too few for an answer`
      : `${whose} does not cover this request's input`
  return new AppError(reason === 'key_quota' ? 'key_quota' : 'insufficient_quota', message, { shouldRetry: false })
}
