import type { Clock } from '../lib/clock.js'
import type { LiveState } from '../metrics/service.js'
import { modelWays, type WaysDeps } from './ways.js'

export interface LiveDeps extends WaysDeps {
  readonly inFlight: { count(): number; streams(): number }
  readonly clock: Clock
}

/** What the metrics tell as it stands now. */
export function liveState({ inFlight, clock, ...deps }: LiveDeps): LiveState {
  return {
    breakers: modelWays(deps, clock.nowMs()).flatMap(({ model, provider, breaker }) =>
      provider ? [{ provider: provider.name, model: model.id, state: breaker }] : []
    ),
    keysAside: deps.providers.all().map((provider) => ({
      provider: provider.name,
      count: provider.keys().filter(({ asideUntilMs }) => asideUntilMs !== null).length
    })),
    requestsInFlight: inFlight.count(),
    openStreams: inFlight.streams()
  }
}
