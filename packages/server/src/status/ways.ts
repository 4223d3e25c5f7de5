import type { Catalog } from '../catalog/catalog.js'
import type { ModelEntry } from '../catalog/schema.js'
import { type BreakerState, type Breakers, breakerOf } from '../gateway/breakers.js'
import type { Provider, Providers } from '../gateway/providers/index.js'

export interface WaysDeps {
  readonly catalog: Catalog
  readonly providers: Providers
  readonly breakers: Breakers
}

/** A model that is offered, and how it is doing at the provider that answers for it here. */
export interface ModelWay {
  readonly model: ModelEntry
  /** Undefined where no provider of this server answers for it. */
  readonly provider: Provider | undefined
  readonly breaker: BreakerState
  /** When the breaker opened; null while it is closed. */
  readonly sinceMs: number | null
}

/** Every model that is offered now. One of a family is known by its entry. */
export function modelWays({ catalog, providers, breakers }: WaysDeps, nowMs: number): ModelWay[] {
  const open = new Map(breakers.open().map((view) => [view.name, view]))
  // As the gateway has it: where no provider has a key, the sandbox answers.
  const isTrial = providers.configured.length === 0
  return catalog.models
    .filter(({ retired }) => !retired || Date.parse(retired.at) > nowMs)
    .map((model) => {
      const provider = providers.get(model.provider) ?? (isTrial ? providers.sandbox : undefined)
      const view = provider && open.get(breakerOf({ provider: provider.name, model: model.id }))
      return { model, provider, breaker: view?.state ?? 'closed', sinceMs: view?.sinceMs ?? null }
    })
}
