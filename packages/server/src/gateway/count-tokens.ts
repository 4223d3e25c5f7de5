import { AppError } from '@caicaini/protocol'
import type { MiddlewareHandler } from 'hono'
import type { Catalog } from '../catalog/catalog.js'
import { requireClient, requireModel } from '../catalog/entitlements.js'
import { BODY_BYTES_MAX, readBody } from '../http/body.js'
import type { Limiter } from '../limits/limiter.js'
import { forwardedHeaders } from './admission.js'
import { limitError } from './limit-error.js'
import { limitScopes } from './limit-scopes.js'
import type { GatewayEnv } from './messages.js'
import type { Provider, ProviderEvent } from './providers/index.js'
import { clientOf } from './request/caller.js'
import { parseBody, readModel } from './request/client-request.js'
import { estimateInput, tokenizerOf } from './request/estimate.js'
import { scanTopLevel, spliceTopLevel } from './request/splice.js'
import { invalid, type JsonObject, show } from './request/value.js'
import type { Routing } from './routing.js'

const READ_FIELDS: ReadonlySet<string> = new Set(['model', 'messages'])
const TIMEOUT_MS = 60_000
const ANSWER_BYTES_MAX = 1024 * 1024

export interface CountTokensDeps {
  readonly catalog: Catalog
  readonly routing: Routing
  readonly limiter: Limiter
}

/**
 * POST /v1/messages/count_tokens: the provider's own count where it has one, else our estimate, which
 * says so. Costs nothing, and is limited by a window of its own as large as the key's.
 */
export function countTokens({ catalog, routing, limiter }: CountTokensDeps): MiddlewareHandler<GatewayEnv> {
  return async (c) => {
    const { principal } = c.var
    requireClient(catalog, principal.account, clientOf(principal, c.req.raw.headers))
    const bytes = await readBody(c.req.raw, BODY_BYTES_MAX)
    const scan = scanTopLevel(bytes, READ_FIELDS)
    const body = parseBody(bytes)
    checkMessages(body)
    // The model that a message of the conversation would get now; none is remembered for having been counted.
    const asker = { accountId: principal.account.id, headers: c.req.raw.headers }
    const { model, upstreamId, routeReason } = routing.modelFor(
      { model: readModel(body.model), body },
      principal.account,
      asker
    )
    requireModel(catalog, principal.account, model)
    const provider = routing.providerFor({ model: model.id }, model, principal.account)
    const { tier, keyId, limits } = limitScopes(catalog, principal)
    const window = { keyId: `count ${keyId}`, limits: { ...limits, inputTokensPerMinute: null } }
    const reservation = await limiter.reserve({ ...window, inputTokens: 0, stream: false })
    if (!reservation.ok) throw limitError(reservation, tier)
    c.header('x-caicaini-model', model.id)
    c.header('x-caicaini-route', routeReason)
    try {
      if (!provider.has('count_tokens')) {
        const { likelyTokens } = estimateInput(body, {
          contextWindow: model.context_window,
          tokenizer: tokenizerOf(provider.format)
        })
        c.header('x-caicaini-estimated', 'true')
        return c.json({ input_tokens: likelyTokens })
      }
      const spliced = spliceTopLevel(bytes, scan, { model: upstreamId })
      const answer = await ask(provider, { body: spliced, upstreamModel: upstreamId, headers: c.req.raw.headers })
      return c.body(answer.body, answer.status as 200, { 'content-type': 'application/json' })
    } finally {
      reservation.commit({ inputTokens: 0 })
    }
  }
}

function checkMessages({ messages }: JsonObject): void {
  if (!Array.isArray(messages) || messages.length === 0)
    throw invalid('messages', `must be a list of at least one {role, content}, got ${show(messages)}`)
}

async function ask(
  provider: Provider,
  { body, upstreamModel, headers }: { body: Uint8Array; upstreamModel: string; headers: Headers }
): Promise<{ status: number; body: Uint8Array<ArrayBuffer> }> {
  const stop = new AbortController()
  const timeouts = { firstByteTimeoutMs: TIMEOUT_MS, idleTimeoutMs: TIMEOUT_MS }
  const limits = { signal: stop.signal, ...timeouts, bodyBytesMax: ANSWER_BYTES_MAX }
  const request = {
    endpoint: 'count_tokens',
    body,
    upstreamModel,
    stream: false,
    headers: forwardedHeaders(headers)
  } as const
  const chunks: Uint8Array[] = []
  for await (const event of provider.send(request, limits) as AsyncIterable<ProviderEvent>) {
    if (event.type === 'refused') return { status: event.status, body: new Uint8Array(event.body) }
    if (event.type === 'failed')
      throw new AppError(event.code, event.message, event.shouldRetry ? {} : { shouldRetry: false })
    if (event.type === 'bytes') chunks.push(event.bytes)
  }
  return { status: 200, body: new Uint8Array(Buffer.concat(chunks)) }
}
