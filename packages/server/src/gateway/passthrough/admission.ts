import { AppError } from '@caicaini/protocol'
import { discountOf, requireClient, requireModel } from '../../catalog/entitlements.js'
import { holdCost, rateAt, versionOf } from '../../catalog/price.js'
import type { AdmissionDeps, Ask } from '../admission.js'
import type { CallPlan, Target } from '../call.js'
import { holdError } from '../hold-error.js'
import type { Provider } from '../providers/index.js'
import { callerOf, clientOf, repeatKeyOf } from '../request/caller.js'
import { withReservation } from '../reservation.js'
import type { Routed } from '../routing.js'
import { refuseStray } from '../turn/place.js'
import { readEmbeddings } from './embeddings.js'
import { readImages } from './images.js'
import type { ThroughKind, ThroughPlan, ThroughReader, ThroughWay } from './kind.js'
import { readSpeech } from './speech.js'
import { readTranscription } from './transcriptions.js'

/** These answers say nothing until they are made; the official SDKs wait ten minutes for one. */
const FIRST_BYTE_TIMEOUT_MS = 600_000
const IDLE_TIMEOUT_MS = 60_000

const READERS: Readonly<Record<ThroughKind, ThroughReader>> = {
  embeddings: readEmbeddings,
  images: readImages,
  speech: readSpeech,
  transcriptions: readTranscription
}

export type ThroughAsk = Omit<Ask, 'format'> & { readonly kind: ThroughKind }

/**
 * Admits a request that is passed through or throws the `AppError` that says why not; a refusal costs nothing and
 * takes nothing. No other model stands in: its vectors and voices are others.
 */
export function createThroughAdmission(deps: AdmissionDeps): (ask: ThroughAsk) => Promise<CallPlan> {
  const { catalog, routing } = deps
  return async (asked) => {
    const { kind, headers, bytes } = asked
    refuseStray(headers)
    const principal = await deps.current(asked.principal, asked.startedAtMs)
    const { account } = principal
    requireClient(catalog, account, clientOf(principal, headers))
    const request = READERS[kind](bytes, headers.get('content-type'))
    const routed = routing.modelServing(kind, request.model)
    requireModel(catalog, account, routed.model)
    const provider = routing.providerFor(request, routed.model, account)
    if (!provider.has(kind)) throw nobodyServes(kind, provider)
    const way = { ...routed, rate: rateAt(routed.model, asked.startedAtMs), provider }
    const plan = request.plan(way)
    const ask = { ...asked, principal }
    return withReservation(deps, { ...ask, inputTokens: plan.likelyTokens, stream: false }, (reservation) =>
      planWithHold(deps, ask, { name: request.model, way, plan, reservation })
    )
  }
}

/** The owner's sandbox stands in for every provider, and only chats. */
function nobodyServes(kind: ThroughKind, provider: Provider): AppError {
  return new AppError('model_not_found', `model: no provider of this server has ${kind}; ${provider.name} only chats`, {
    param: 'model'
  })
}

interface Chosen {
  readonly name: string
  readonly way: ThroughWay & Routed & { readonly provider: Provider }
  readonly plan: ThroughPlan
  readonly reservation: CallPlan['reservation']
}

/** The call as it will be made, the most that it may cost held; 402 where the credits do not suffice. */
async function planWithHold(
  { catalog, ledger }: AdmissionDeps,
  { kind, requestId, principal, headers, startedAtMs }: ThroughAsk,
  { name, way, plan, reservation }: Chosen
): Promise<CallPlan> {
  const { account, key } = principal
  const { most, likelyTokens } = plan
  const discountPercent = discountOf(catalog, account)
  const expected = { ...most, cacheWriteTtl: 'none' as const, images: 0, toolCallsMax: {} }
  const target = targetOf(kind, { way, plan, timeouts: timeoutsOf({ catalog, way }) })
  const hold = ledger.hold({
    requestId,
    accountId: account.id,
    keyId: key.id,
    parentKeyId: key.parentId,
    repeatKey: repeatKeyOf(headers),
    context: {
      model: name,
      modelUsed: target.modelUsed,
      routeReason: way.routeReason,
      provider: way.provider.name,
      rateVersion: versionOf(way.rate, likelyTokens),
      discount: discountPercent,
      ...callerOf(principal, headers)
    },
    ...holdCost(way.rate, expected, discountPercent),
    // Nothing in these requests could make an answer shorter: it is all or nothing.
    tokensWanted: most.outputTokens,
    tokensLeast: most.outputTokens
  })
  const held = await hold.decided
  if (!held.ok) throw await holdError(ledger, principal, held)
  return {
    requestId,
    principal,
    stream: false,
    format: 'chat',
    targets: [target],
    discountPercent,
    images: 0,
    turn: null,
    inputTokensEstimated: likelyTokens,
    clamped: null,
    startedAtMs,
    holdDurable: hold.durable,
    reservation
  }
}

interface Sending {
  readonly way: Chosen['way']
  readonly plan: ThroughPlan
  readonly timeouts: Pick<Target, 'timeouts' | 'triesMax'>
}

function targetOf(kind: ThroughKind, { way, plan, timeouts }: Sending): Target {
  const { model, upstreamId: upstreamModel, routeReason, rate, provider } = way
  const { body, contentType, meter } = plan
  return {
    model,
    modelUsed: upstreamModel === model.upstream_id ? model.id : upstreamModel,
    routeReason,
    rate,
    provider,
    wire: {
      endpoint: kind,
      body,
      createTap: () => {
        throw new Error(`bug: ${kind} is no stream of events`)
      },
      readPlain(bytes) {
        const metered = meter(bytes)
        return metered && { bytes, stopReason: null, ...metered }
      },
      refusal: (_status, said) => said
    },
    request: { endpoint: kind, body, upstreamModel, stream: false, headers: { 'content-type': contentType } },
    ...timeouts
  }
}

function timeoutsOf({ catalog, way }: Pick<AdmissionDeps, 'catalog'> & Pick<Chosen, 'way'>): Sending['timeouts'] {
  const settings = catalog.providers[way.model.provider]
  return {
    timeouts: {
      firstByteTimeoutMs: FIRST_BYTE_TIMEOUT_MS,
      idleTimeoutMs: settings?.idle_timeout_ms ?? IDLE_TIMEOUT_MS
    },
    triesMax: settings && 'tries_max' in settings ? settings.tries_max : 1
  }
}
