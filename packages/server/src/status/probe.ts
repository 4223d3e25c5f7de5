import { AppError } from '@caicaini/protocol'
import type { ProviderTest } from '@caicaini/protocol/api'
import type { Catalog } from '../catalog/catalog.js'
import { partRates, rateAt } from '../catalog/price.js'
import type { ModelEntry } from '../catalog/schema.js'
import type { Provider, ProviderRequest, Providers } from '../gateway/providers/index.js'
import { CHAT_QUIRKS } from '../gateway/translate/quirks.js'
import type { Clock } from '../lib/clock.js'

const TIMEOUT_MS = 20_000
const ANSWER_BYTES_MAX = 1024 * 1024

export interface ProbeDeps {
  readonly catalog: Catalog
  readonly providers: Providers
  readonly clock: Clock
}

/**
 * Asks a provider's cheapest model for one token. A real call: the operator pays a fraction of a cent
 * for it, and no account is billed.
 */
export async function testProvider(name: string, { catalog, providers, clock }: ProbeDeps): Promise<ProviderTest> {
  const entry = Object.hasOwn(catalog.providers, name) ? catalog.providers[name] : undefined
  const model = entry && cheapest(catalog.models, name, clock.nowMs())
  if (!entry) {
    const known = Object.keys(catalog.providers).join(', ')
    throw new AppError('not_found', `name: there is no provider "${name}" in the catalog, which has ${known}`)
  }
  if (!model) throw new AppError('conflict', `name: the catalog has no model of the provider "${name}" to ask`)
  const tested = { provider: name, model: model.id }
  const provider = providers.get(name)
  if (!provider) {
    const env = 'api_key_env' in entry ? entry.api_key_env : ''
    return { ...tested, ok: false, latency_ms: null, mend: `it has no key: set ${env}, and start the server again` }
  }
  const startedAtMs = clock.nowMs()
  const maxTokensField =
    entry.kind === 'openai-compatible' ? CHAT_QUIRKS[entry.preset].maxTokensField : ('max_tokens' as const)
  const mend = await faultOf(provider, requestFor(provider, model, maxTokensField))
  return { ...tested, ok: mend === null, latency_ms: Math.max(0, clock.nowMs() - startedAtMs), mend }
}

/** By what a token in and a token out cost together, now. */
function cheapest(models: readonly ModelEntry[], provider: string, nowMs: number): ModelEntry | undefined {
  const price = (model: ModelEntry) => {
    const { input = 0, output = 0 } = partRates(rateAt(model, nowMs), 0)
    return Number(input) + Number(output)
  }
  return models
    .filter((model) => model.provider === provider && (!model.retired || Date.parse(model.retired.at) > nowMs))
    .reduce<ModelEntry | undefined>((best, model) => (best && price(best) <= price(model) ? best : model), undefined)
}

function requestFor({ format }: Provider, { upstream_id }: ModelEntry, maxTokensField: string): ProviderRequest {
  const body = { model: upstream_id, [maxTokensField]: 1, messages: [{ role: 'user', content: 'Hi' }] }
  return {
    endpoint: format === 'messages' ? 'messages' : 'chat',
    body: Buffer.from(JSON.stringify(body)),
    upstreamModel: upstream_id,
    stream: false,
    headers: {}
  }
}

/** Null where an answer came, whole; else what is wrong. */
async function faultOf(provider: Provider, request: ProviderRequest): Promise<string | null> {
  const { signal } = new AbortController()
  const timeouts = { firstByteTimeoutMs: TIMEOUT_MS, idleTimeoutMs: TIMEOUT_MS }
  let fault: string | null = `${provider.name} closed without an answer`
  for await (const event of provider.send(request, { signal, ...timeouts, bodyBytesMax: ANSWER_BYTES_MAX })) {
    if (event.type === 'head') fault = null
    if (event.type === 'failed') fault = event.operatorHint ?? `${provider.name}: ${event.message}`
    if (event.type === 'refused') {
      const said = Buffer.from(event.body).toString('utf8').slice(0, 500)
      fault = `${provider.name} refused the request (${event.status}): ${said}`
    }
  }
  return fault
}
