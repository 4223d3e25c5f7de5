import { creditsToJson } from '@caicaini/protocol'
import type { Model } from '@caicaini/protocol/api'
import type { Catalog } from '../catalog/catalog.js'
import { partRates, rateAt } from '../catalog/price.js'
import type { ModelEntry } from '../catalog/schema.js'
import { servesOf } from '../catalog/serves.js'

/** The models of GET /v1/models: `auto` first, then the catalog's own order. Retired ones are left out. */
export function listModels(catalog: Catalog, nowMs: number): Model[] {
  const { router } = catalog
  const chosen = catalog.models.find(({ id }) => id === router.middle)
  const auto: Model = {
    type: 'model',
    id: router.id,
    display_name: router.display_name,
    created_at: `${router.created_at}T00:00:00Z`,
    description: router.description,
    aliases: [...router.aliases],
    context_window: chosen?.context_window ?? 0,
    max_output_tokens: chosen?.max_output_tokens ?? 0,
    capabilities: [...(chosen?.capabilities ?? [])],
    provider: 'caicaini',
    price: null
  }
  const offered = catalog.models.filter(({ retired }) => !retired || Date.parse(retired.at) > nowMs)
  return [auto, ...offered.map((model) => toJson(model, nowMs))]
}

/** A model as OpenAI's clients know one (their API reference, models). */
export function toOpenAiModel({ id, created_at, provider }: Model) {
  return { id, object: 'model', created: Math.floor(Date.parse(created_at) / 1000), owned_by: provider }
}

/** Anthropic's clients name a version or send their own key header; OpenAI's do neither. */
export function isOpenAiClient(headers: Pick<Headers, 'get'>): boolean {
  return headers.get('anthropic-version') === null && headers.get('x-api-key') === null
}

/** One model by id or alias. */
export function findModel(catalog: Catalog, name: string, nowMs: number): Model | undefined {
  return listModels(catalog, nowMs).find(({ id, aliases }) => id === name || aliases.includes(name))
}

function toJson(model: ModelEntry, nowMs: number): Model {
  const rate = rateAt(model, nowMs)
  const rates = partRates(rate, 0)
  const { per_request, per_image, per_character, per_audio_second, server_tools } = rate.entry
  const credits = (kind: string) => creditsToJson(BigInt(rates[kind] ?? 0))
  return {
    type: 'model',
    id: model.id,
    display_name: model.display_name,
    created_at: `${model.created_at}T00:00:00Z`,
    description: model.description,
    aliases: [...model.aliases],
    context_window: model.context_window,
    max_output_tokens: model.max_output_tokens,
    capabilities: [...model.capabilities],
    provider: model.provider,
    ...(servesOf(model) !== 'chat' && { serves: servesOf(model) }),
    price: {
      input: credits('input'),
      output: credits('output'),
      cache_read: credits('cache_read'),
      cache_write_5m: credits('cache_write_5m'),
      cache_write_1h: credits('cache_write_1h'),
      ...(per_request !== undefined && { per_request: creditsToJson(BigInt(per_request)) }),
      ...(per_image !== undefined && { per_image: creditsToJson(BigInt(per_image)) }),
      ...(per_character !== undefined && { per_character: creditsToJson(BigInt(per_character)) }),
      ...(per_audio_second !== undefined && { per_audio_second: creditsToJson(BigInt(per_audio_second)) }),
      ...(server_tools && {
        server_tools: Object.fromEntries(
          Object.entries(server_tools).map(([tool, micro]) => [tool, creditsToJson(BigInt(micro))])
        )
      })
    }
  }
}
