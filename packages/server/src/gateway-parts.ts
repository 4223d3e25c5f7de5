import { createAbuseGuard } from './abuse/guard.js'
import type { Catalog } from './catalog/catalog.js'
import type { Config } from './config.js'
import type { Conversations } from './conversations/service.js'
import { createAdmission } from './gateway/admission.js'
import { createBreakers } from './gateway/breakers.js'
import { createInFlight } from './gateway/in-flight.js'
import type { Providers } from './gateway/providers/index.js'
import { createRouting } from './gateway/routing.js'
import { createOpenTurn } from './gateway/turn/turn.js'
import type { Ledger } from './ledger/service.js'
import type { Clock } from './lib/clock.js'
import type { Log } from './lib/log.js'
import { createMemoryLimiter } from './limits/memory.js'
import { createMemoryRefusals } from './limits/refusals.js'
import { observeAll } from './metrics/observer.js'
import { createRecent } from './metrics/recent.js'
import { createMetrics } from './metrics/service.js'
import { createCurrent } from './plans/current.js'
import type { Plans } from './plans/service.js'
import type { Signals } from './signals/service.js'
import { watchRunning } from './signals/steady.js'
import type { Standing } from './standing/service.js'
import { createTelemetry } from './telemetry/service.js'

export interface GatewayPartsDeps {
  readonly config: Config
  readonly clock: Clock
  /** Between 0 and 1. */
  readonly random: () => number
  readonly catalog: Catalog
  readonly providers: Providers
  readonly ledger: Ledger
  readonly plans: Plans
  readonly watch: ReturnType<typeof createWatch>
  readonly foreignVersion: () => number
  readonly standing: Pick<Standing, 'stoppedAmong'>
  readonly signals: Pick<Signals, 'noteRequest' | 'noteRunning'>
  readonly conversations: Pick<Conversations, 'turns'>
  readonly log: Log
}

/** What counts and measures. */
export function createWatch({ config, clock, log }: { config: Config; clock: Clock; log: Log }) {
  const metrics = createMetrics()
  const recent = createRecent({ clock })
  const telemetry = createTelemetry({ env: config.env, log })
  return { metrics, recent, telemetry, observer: observeAll([metrics.calls, recent.observer, telemetry.observer]) }
}

/** What a request passes on its way to a provider. */
export function buildGatewayParts({ config, clock, random, watch, ...deps }: GatewayPartsDeps) {
  const { catalog, providers, ledger, plans, foreignVersion } = deps
  const { stoppedAmong } = deps.standing
  const { noteRequest, noteRunning } = deps.signals
  const limiter = createMemoryLimiter({ clock })
  const guard = createAbuseGuard({
    refusals: createMemoryRefusals({ clock }),
    catalog,
    trustedProxies: config.trustedProxies
  })
  const current = createCurrent(plans)
  const breakers = createBreakers({ clock })
  const routing = createRouting({ catalog, providers, clock })
  const inFlight = createInFlight({ clock, foreignVersion, stoppedAmong })
  const openTurn = createOpenTurn({ turns: deps.conversations.turns, log: deps.log })
  const admission = createAdmission({ catalog, routing, limiter, ledger, clock, current, noteRequest, openTurn })
  return {
    ...watch,
    current,
    limiter,
    guard,
    inFlight,
    stopWatching: watchRunning({ clock, running: inFlight.byAccount, note: noteRunning }),
    breakers,
    observer: observeAll([watch.observer, breakers.observer]),
    routing,
    admission,
    random
  }
}
