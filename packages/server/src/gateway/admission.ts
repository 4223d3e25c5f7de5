import type { Catalog } from '../catalog/catalog.js'
import { discountOf, requireClient, requireModel } from '../catalog/entitlements.js'
import { holdCost, type Rate, rateAt, versionOf } from '../catalog/price.js'

import type { Principal } from '../keys/key.js'
import type { Ledger } from '../ledger/service.js'
import type { Clock } from '../lib/clock.js'
import type { Accepted, Limiter, LimitSnapshot } from '../limits/limiter.js'
import { type RequestSigns, signsOf } from '../signals/request-signs.js'
import type { CallPlan, Target } from './call.js'
import { holdError } from './hold-error.js'
import { createThroughAdmission } from './passthrough/admission.js'
import type { Provider } from './providers/provider.js'
import { callerOf, clientOf, repeatKeyOf } from './request/caller.js'
import { readChatRequest } from './request/chat-request.js'
import type { ClientFormat, ClientRequest } from './request/client-request.js'
import { estimateInput, type InputEstimate, tokenizerOf } from './request/estimate.js'
import { readMessagesRequest } from './request/messages-request.js'
import { readResponsesRequest } from './request/responses-request.js'
import { serverToolsOf } from './request/server-tools.js'
import { withReservation } from './reservation.js'
import { FALLBACK, type Routed, type Routing } from './routing.js'
import { timeoutsOf } from './timeouts.js'
import type { OpenTurn, Turn } from './turn/turn.js'
import { wireOf } from './wires.js'

/** A balance that affords fewer output tokens than this is refused: the answer would be cut before it says anything. */
const OUTPUT_TOKENS_LEAST = 1_024

const READERS: Readonly<Record<ClientFormat, (bytes: Uint8Array) => ClientRequest>> = {
  messages: readMessagesRequest,
  chat: readChatRequest,
  responses: readResponsesRequest
}

/** Where a client leaves the length to the model, this much is held for at most: its largest would hold a fortune. */
const OUTPUT_TOKENS_DEFAULT = 32_000

export interface AdmissionDeps {
  readonly catalog: Catalog
  readonly routing: Routing
  readonly limiter: Limiter
  readonly ledger: Ledger
  readonly clock: Clock
  /** The account as it is now: a month that turned while the body was on its way brings its plan and its credits. */
  readonly current: (principal: Principal, asOfMs: number) => Promise<Principal>
  /** Told of each request that was read, by hashes and figures alone. */
  readonly noteRequest?: (seen: { accountId: string; keyId: string } & RequestSigns) => void
  /** The turn of the chat that a call names. */
  readonly openTurn: OpenTurn
}

export interface Ask {
  readonly requestId: string
  readonly startedAtMs: number
  readonly principal: Principal
  readonly format: ClientFormat
  readonly bytes: Uint8Array
  readonly headers: Headers
  /** Told as soon as it is known, for the headers of every answer, also of a refusal. */
  readonly noteLimits: (tier: string, snapshot: LimitSnapshot) => void
}

export type Admission = ReturnType<typeof createAdmission>

/** Everything between a request's bytes and its provider: what is asked, whether it may, and what it may cost. */
export function createAdmission(deps: AdmissionDeps) {
  const { catalog, routing } = deps

  return {
    /** The same for what is passed through: embeddings, speech, transcriptions, images. */
    admitThrough: createThroughAdmission(deps),

    /** Admits a request or throws the `AppError` that says why not; a refusal costs nothing and takes nothing. */
    async admit(asked: Ask): Promise<CallPlan> {
      const principal = await deps.current(asked.principal, asked.startedAtMs)
      const ask = { ...asked, principal }
      requireClient(catalog, principal.account, clientOf(principal, ask.headers))
      const request = READERS[ask.format](ask.bytes)
      const turn = await deps.openTurn({ ...ask, request })
      const { account, key } = principal
      if (account.role !== 'owner')
        deps.noteRequest?.({ accountId: account.id, keyId: key.parentId ?? key.id, ...signsOf(request.body) })
      const asker = { accountId: principal.account.id, headers: ask.headers }
      const routed = routing.modelFor(request, principal.account, asker)
      const { model } = routed
      requireModel(catalog, principal.account, model)
      const named = ask.headers.get(FALLBACK)
      const others = routing.standIns(request, routed, { named, account: principal.account })
      for (const other of others) requireModel(catalog, principal.account, other.model)
      // A request costs what held when it started, however long its body was on its way.
      const ways = [routed, ...others].map((way): Way => {
        const rate = rateAt(way.model, ask.startedAtMs)
        return { ...way, rate, provider: routing.providerFor(request, way.model, principal.account) }
      })
      const [first] = ways as [Way, ...Way[]]
      const contextWindow = Math.max(...ways.map(({ model: each }) => each.context_window))
      const estimate = estimateInput(request.body, { contextWindow, tokenizer: tokenizerOf(first.provider.format) })
      const calls = ways.map(({ rate }) => serverToolsOf(request, rate.entry.server_tools))
      return withReservation(
        deps,
        { ...ask, inputTokens: estimate.likelyTokens, stream: request.stream },
        (reservation) => planWithHold(deps, ask, { request, ways, calls, estimate, turn, reservation })
      )
    }
  }
}

/** A model at its price, and the provider that is asked for it. */
interface Way extends Routed {
  readonly rate: Rate
  readonly provider: Provider
}

interface Chosen {
  readonly request: ClientRequest
  /** At least one. */
  readonly ways: readonly Way[]
  /** Calls of tools at the provider that each way may make. */
  readonly calls: readonly Readonly<Record<string, number>>[]
  readonly estimate: InputEstimate
  readonly turn: Turn | null
  readonly reservation: Accepted
}

/** The call as it will be made, its credits held at the dearest of its ways; 402 where they do not suffice. */
async function planWithHold(
  { catalog, ledger, routing }: AdmissionDeps,
  { requestId, principal, bytes, headers, startedAtMs }: Ask,
  { request, ways, calls, estimate, turn, reservation }: Chosen
): Promise<CallPlan> {
  const [first] = ways as [Way]
  const discountPercent = discountOf(catalog, principal.account)
  const costs = ways.map(({ rate }, i) =>
    holdCost(rate, { ...estimate, toolCallsMax: calls[i] ?? {} }, discountPercent)
  )
  const output = outputTokens(request, first.model.max_output_tokens)
  const { likelyTokens: inputTokensEstimated } = estimate
  const sending = { catalog, bytes, headers, request, requestId, startedAtMs, inputTokensEstimated }
  // What a provider's format cannot carry is refused here, while nothing is held yet.
  const whole = ways.map((way) => targetOf(way, { ...sending, tokens: output.tokensWanted, clamped: null }))
  const hold = ledger.hold({
    requestId,
    accountId: principal.account.id,
    keyId: principal.key.id,
    parentKeyId: principal.key.parentId,
    repeatKey: repeatKeyOf(headers),
    context: {
      model: request.model,
      modelUsed: nameOf(first),
      routeReason: first.routeReason,
      provider: first.provider.name,
      rateVersion: versionOf(first.rate, estimate.likelyTokens),
      discount: discountPercent,
      ...callerOf(principal, headers)
    },
    inputCost: dearest(costs.map(({ inputCost }) => inputCost)),
    outputRate: dearest(costs.map(({ outputRate }) => outputRate)),
    ...output
  })
  const held = await hold.decided
  if (!held.ok) throw await holdError(ledger, principal, held)
  routing.remember(first)
  const { clamped } = held
  const targets = clamped === null ? whole : ways.map((way) => targetOf(way, { ...sending, tokens: clamped, clamped }))
  return {
    requestId,
    principal,
    stream: request.stream,
    format: request.format,
    targets: targets as [Target, ...Target[]],
    discountPercent,
    images: estimate.images,
    inputTokensEstimated,
    clamped,
    startedAtMs,
    holdDurable: turn ? keptBeside(hold.durable, turn) : hold.durable,
    turn,
    reservation
  }
}

/** Its message is stored once the credits are held for good, beside the provider's call. */
function keptBeside(durable: Promise<unknown>, turn: Turn): Promise<unknown> {
  const kept = durable.then(() => turn.begin())
  // As the hold's own: whoever waits for it is told, and nobody may.
  kept.catch(() => undefined)
  return kept
}

interface Sending {
  readonly catalog: Catalog
  readonly bytes: Uint8Array
  readonly headers: Headers
  readonly request: ClientRequest
  readonly clamped: number | null
  readonly tokens: number
  readonly requestId: string
  readonly startedAtMs: number
  readonly inputTokensEstimated: number
}

function targetOf(way: Way, sending: Sending): Target {
  const { model, upstreamId: upstreamModel, routeReason, rate, provider } = way
  const { catalog, headers, request, startedAtMs: nowMs } = sending
  const settings = catalog.providers[model.provider]
  const preset = settings?.kind === 'openai-compatible' ? settings.preset : 'openai'
  const wire = wireOf({ ...sending, upstreamModel, nowMs, provider: { format: provider.format, preset } })
  const { stream } = request
  return {
    model,
    modelUsed: nameOf(way),
    routeReason,
    rate,
    provider,
    wire,
    request: { endpoint: wire.endpoint, body: wire.body, upstreamModel, stream, headers: forwardedHeaders(headers) },
    timeouts: timeoutsOf({ request, model, provider, settings }),
    triesMax: settings && 'tries_max' in settings ? settings.tries_max : 1
  }
}

/** What receipts call it: one of a family is known by its own name, which no entry has. */
function nameOf({ model, upstreamId }: Routed): string {
  return upstreamId === model.upstream_id ? model.id : upstreamId
}

function dearest(costs: readonly bigint[]): bigint {
  return costs.reduce((most, cost) => (cost > most ? cost : most), 0n)
}

/**
 * What is held for, and the fewest that are worth a call: a thinking budget must stay below max_tokens,
 * or the provider refuses the request. One that the model cannot have is the provider's to refuse, too.
 */
function outputTokens({ maxTokens, thinkingBudget }: ClientRequest, modelMax: number) {
  const tokensWanted = Math.min(maxTokens ?? OUTPUT_TOKENS_DEFAULT, modelMax)
  const tokensLeast = Math.min(tokensWanted, Math.max(OUTPUT_TOKENS_LEAST, (thinkingBudget ?? 0) + 1))
  return { tokensWanted, tokensLeast }
}

/** Only headers that the format defines travel on; a key never does. */
export function forwardedHeaders(headers: Headers): Record<string, string> {
  const forwarded: Record<string, string> = {}
  for (const name of ['anthropic-version', 'anthropic-beta']) {
    const value = headers.get(name)
    if (value) forwarded[name] = value
  }
  return forwarded
}
