import { AppError } from '@caicaini/protocol'
import { type Catalog, resolveModel } from '../catalog/catalog.js'
import { type Entitled, includesModel } from '../catalog/entitlements.js'
import type { ModelEntry } from '../catalog/schema.js'
import { requireServed, type Serves } from '../catalog/serves.js'
import type { Clock } from '../lib/clock.js'
import { chooseModel } from './auto/auto-route.js'
import { fits, needsOf } from './auto/needs.js'
import { type Asker, createPins, type KeyedPin } from './auto/pins.js'
import type { Provider, Providers } from './providers/index.js'
import type { ClientRequest } from './request/client-request.js'

/** The header in which a caller names models that may stand in. */
export const FALLBACK = 'x-caicaini-fallback'
const STAND_INS_MAX = 5

export interface RoutingDeps {
  readonly catalog: Catalog
  readonly providers: Providers
  readonly clock: Clock
}

/** The entry that a request is priced and limited by, and the id that its provider is asked for. */
export interface Routed {
  readonly model: ModelEntry
  readonly upstreamId: string
  readonly routeReason: string
  readonly pin?: KeyedPin | undefined
}

export type Routing = ReturnType<typeof createRouting>

const PICKED = 'you picked this model'

/** Which model a request means, and which provider answers for it. */
export function createRouting({ catalog, providers, clock }: RoutingDeps) {
  const pins = createPins()

  function providerOf(model: ModelEntry, account: Entitled): Provider | undefined {
    const isTrial = providers.configured.length === 0 && account.role === 'owner'
    return providers.get(model.provider) ?? (isTrial ? providers.sandbox : undefined)
  }

  /** The owner is told which variable would make the model available; a customer has no use for it. */
  function unavailable(name: string, model: ModelEntry | undefined, account: Entitled): AppError {
    const entry = model && catalog.providers[model.provider]
    const isMendable = account.role === 'owner' && entry && 'api_key_env' in entry
    const mend = isMendable ? `: set ${entry.api_key_env} and start again` : ' at the moment'
    return new AppError('overloaded', `${name} is not available on this server${mend}`, { shouldRetry: false })
  }

  return {
    /**
     * The model asked for, or the one that `auto` chooses, and why in one sentence. 404 for a name that means
     * none. `auto` goes by what `remember` was told of the conversation.
     */
    modelFor({ model: name, body }: Pick<ClientRequest, 'model' | 'body'>, account: Entitled, asker: Asker): Routed {
      const nowMs = clock.nowMs()
      const resolved = resolveModel(catalog, name, nowMs)
      switch (resolved.kind) {
        case 'model':
          requireServed(catalog, { name, resolved, serves: 'chat' })
          return { ...resolved, routeReason: PICKED }
        case 'auto': {
          const available = (each: ModelEntry) =>
            includesModel(catalog, account, each) && providerOf(each, account) !== undefined
          const route = chooseModel({ body, catalog, nowMs, available, pinned: { asker, pins } })
          if (!route) throw unavailable(name, undefined, account)
          const { model, reason, pin } = route
          return { model, upstreamId: model.upstream_id, routeReason: reason, pin }
        }
        case 'retired':
          throw retired(name, resolved)
        case 'unknown': {
          const near = resolved.nearest.length > 0 ? ` Did you mean ${resolved.nearest.join(' or ')}?` : ''
          throw new AppError('model_not_found', `model: there is no "${name}".${near} GET /v1/models lists them.`)
        }
      }
    },

    /** Told of a request that is admitted: its conversation has this model from now on. */
    remember({ pin }: Routed): void {
      if (pin) pins.set(pin)
    },

    /**
     * What stands in when the model's provider fails before it says anything: only what the caller named,
     * or for `auto` the router's middle and small model, if they can take the request. Not the top one: what
     * is held is held for the dearest.
     */
    standIns(request: ClientRequest, first: Routed, ask: { named: string | null; account: Entitled }): Routed[] {
      const { named, account } = ask
      const isAuto = resolveModel(catalog, request.model, clock.nowMs()).kind === 'auto'
      const isOwnChoice = isAuto && named === null
      const { small, middle } = catalog.router
      const names = isOwnChoice ? [middle, small] : namesIn(named ?? '')
      const needs = isOwnChoice ? needsOf(request.body) : undefined
      const routed = names.flatMap((name): Routed[] => {
        const resolved = resolveModel(catalog, name, clock.nowMs())
        if (resolved.kind !== 'model') {
          throw new AppError('model_not_found', `${FALLBACK}: there is no "${name}". GET /v1/models lists them.`)
        }
        requireServed(catalog, { name, resolved, serves: 'chat' })
        const { model, upstreamId } = resolved
        if (upstreamId === first.upstreamId || providerOf(model, account) === undefined) return []
        if (needs && !(includesModel(catalog, account, model) && fits(model, needs))) return []
        return [{ model, upstreamId, routeReason: `${first.model.display_name} failed, so ${model.display_name}` }]
      })
      return routed.slice(0, STAND_INS_MAX)
    },

    /** The model asked for on a route that is not chat's. 404 for a name that means none which serves that. */
    modelServing(serves: Exclude<Serves, 'chat'>, name: string): Routed {
      const resolved = resolveModel(catalog, name, clock.nowMs())
      requireServed(catalog, { name, resolved, serves })
      if (resolved.kind === 'retired') throw retired(name, resolved)
      if (resolved.kind !== 'model') throw new Error(`bug: "${name}" serves no ${serves}`)
      return { ...resolved, routeReason: PICKED }
    },

    /** The model's own provider where it has a key here. Where no provider has, the sandbox, for the owner alone. */
    providerFor({ model: name }: Pick<ClientRequest, 'model'>, model: ModelEntry, account: Entitled): Provider {
      const provider = providerOf(model, account)
      if (!provider) throw unavailable(name, model, account)
      return provider
    }
  }
}

function retired(name: string, { successor }: { readonly successor: string }): AppError {
  return new AppError('model_retired', `model: "${name}" is retired; use "${successor}"`)
}

function namesIn(list: string): string[] {
  return list
    .slice(0, 2_048)
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
}
