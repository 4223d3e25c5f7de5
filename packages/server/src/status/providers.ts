import type { ProviderModel, ProviderStatus } from '@caicaini/protocol/api'
import type { KeyView } from '../gateway/providers/key-ring.js'
import type { Clock } from '../lib/clock.js'
import type { Recent, RecentView } from '../metrics/recent.js'
import { type ModelWay, modelWays, type WaysDeps } from './ways.js'

export interface ProvidersViewDeps extends WaysDeps {
  readonly recent: Recent
  readonly clock: Clock
}

/** What this process knows of its providers, in the catalog's order; one that only the trial asks comes last. */
export function viewProviders({ recent, clock, ...deps }: ProvidersViewDeps): ProviderStatus[] {
  const ways = modelWays(deps, clock.nowMs())
  const recents = recent.view()
  const { catalog, providers } = deps
  const names = new Set(Object.keys(catalog.providers))
  for (const { provider } of ways) if (provider) names.add(provider.name)
  return [...names].map((name) => ({
    name,
    configured: providers.get(name) !== undefined,
    keys: providers.get(name)?.keys().map(keyToJson) ?? [],
    models: ways
      .filter(({ provider, model }) => (provider?.name ?? model.provider) === name)
      .map((way) =>
        modelToJson(
          way,
          recents.find((one) => one.provider === name && one.model === way.model.id)
        )
      )
  }))
}

function keyToJson({ env, status, asideUntilMs }: KeyView): ProviderStatus['keys'][number] {
  return { env, last_status: status, set_aside_until: instant(asideUntilMs) }
}

function modelToJson({ model, breaker, sinceMs }: ModelWay, recent: RecentView | undefined): ProviderModel {
  const { asked = 0, failed = 0 } = recent ?? {}
  return {
    model: model.id,
    breaker,
    breaker_since: instant(sinceMs),
    requests: asked,
    errors: failed,
    // A failure may fall into the minute after the one that it was asked in.
    error_rate: asked === 0 ? null : Math.min(1, Math.round((failed / asked) * 1000) / 1000),
    first_token_ms: recent?.firstTokenMs ?? null,
    latency_ms: recent?.latencyMs ?? null
  }
}

function instant(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString()
}
