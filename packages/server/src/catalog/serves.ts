import { AppError } from '@caicaini/protocol'
import type { Catalog, Resolved } from './catalog.js'
import type { Fault } from './check.js'
import type { CatalogFile, ModelEntry } from './schema.js'

/** What a model is for. */
export type Serves = NonNullable<ModelEntry['serves']>

/** The route of each. */
export const ROUTES: Readonly<Record<Serves, string>> = {
  chat: '/v1/chat/completions',
  embeddings: '/v1/embeddings',
  speech: '/v1/audio/speech',
  transcriptions: '/v1/audio/transcriptions',
  images: '/v1/images/generations'
}

export function servesOf({ serves }: Pick<ModelEntry, 'serves'>): Serves {
  return serves ?? 'chat'
}

/** 404 where `name` means no model that serves this, which names those that do and the route of what it is for. */
export function requireServed(
  catalog: Catalog,
  { name, resolved, serves }: { readonly name: string; readonly resolved: Resolved; readonly serves: Serves }
): void {
  const own = 'model' in resolved ? servesOf(resolved.model) : resolved.kind === 'auto' ? 'chat' : undefined
  // A name that means none is told of by whoever resolves it; of chat there is no short list.
  if (own === serves || (serves === 'chat' && own === undefined)) return
  const said = own === undefined ? `there is no "${name}"` : `"${name}" serves ${own}: POST ${ROUTES[own]}`
  const others = serves === 'chat' ? 'GET /v1/models lists those that chat' : whoServes(catalog, serves)
  throw new AppError('model_not_found', `model: ${said}; ${others}`, { param: 'model' })
}

function whoServes({ models }: Catalog, serves: Serves): string {
  const ids = models.filter((model) => servesOf(model) === serves && !model.retired).map(({ id }) => id)
  if (ids.length === 0) return `no model of this server serves ${serves}`
  return `${ids.join(', ')} ${ids.length === 1 ? 'serves' : 'serve'} ${serves}`
}

/** A model that its provider cannot be asked for, or whose meter has no price, would fail at its first call. */
export function checkServes({ models, providers, router }: CatalogFile): Fault[] {
  const faults: Fault[] = []
  for (const [i, model] of models.entries()) {
    const serves = servesOf(model)
    if (model.options && (serves === 'chat' || serves === 'transcriptions')) {
      faults.push({
        path: ['models', i, 'options'],
        message: `must not be there: a model that serves ${serves} has none`
      })
    }
    if (serves === 'chat') continue
    const provider = providers[model.provider]
    if (provider && !(provider.kind === 'openai-compatible' && provider.endpoints.includes(serves))) {
      const message = `must be one of the endpoints of the provider "${model.provider}", which is of the kind openai-compatible, got "${serves}"`
      faults.push({ path: ['models', i, 'serves'], message })
    }
    if (model.id === router.small || model.id === router.middle) {
      faults.push({
        path: ['models', i, 'serves'],
        message: `must be chat, for the router chooses it, got "${serves}"`
      })
    }
    for (const [j, rate] of model.rates.entries()) {
      if (serves !== 'speech' || rate.per_character !== undefined) continue
      const message = 'missing: must be a whole number of micro-credits, for speech is metered by it'
      faults.push({ path: ['models', i, 'rates', j, 'per_character'], message })
    }
  }
  return faults
}
