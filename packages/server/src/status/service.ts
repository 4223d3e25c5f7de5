import type { ModelStatus, ProviderStatus, ServerStatus, ServiceStatus } from '@caicaini/protocol/api'
import type { Instances } from '../instances/service.js'
import type { Log } from '../lib/log.js'
import { startSweep } from '../lib/sweep.js'
import type { Db } from '../storage/tables.js'
import { type ProvidersViewDeps, viewProviders } from './providers.js'
import { deleteDead, deleteStatus, readLiving, writeStatus } from './store.js'
import { type ModelWay, modelWays } from './ways.js'

const TELL_MS = 30_000

export interface StatusDeps extends ProvidersViewDeps {
  readonly db: Db
  readonly log: Log
  readonly instances: Pick<Instances, 'self'>
}

export type Status = ReturnType<typeof createStatus>

/** How providers and models are doing: of this process as it is now, of others as they last told. */
export function createStatus(deps: StatusDeps) {
  const { db, clock, log, instances } = deps
  const { self } = instances
  let serving: { stop: () => Promise<void> } | undefined
  let told = ''

  async function tell(): Promise<void> {
    const body = JSON.stringify(viewProviders(deps))
    if (body === told) return
    await writeStatus(db, { instanceId: self.id, writtenAtMs: clock.nowMs(), body })
    told = body
  }

  function own(): ServerStatus {
    const { id: instance, host, pid } = self
    const as_of = new Date(clock.nowMs()).toISOString()
    return { instance, host, pid, serving: serving !== undefined, as_of, providers: viewProviders(deps) }
  }

  return {
    self,

    /** Those that serve, this one among them where it does. */
    async living(): Promise<Pick<ServerStatus, 'instance' | 'host' | 'pid'>[]> {
      const rows = await readLiving(db, clock.nowMs())
      return rows.map(({ instanceId, host, pid }) => ({ instance: instanceId, host, pid }))
    },

    /** This process serves from now on: it tells those beside it, at once and whenever something changed. */
    async serve(): Promise<void> {
      if (serving) return
      await deleteDead(db, clock.nowMs())
      await tell()
      serving ??= startSweep({ clock, log, everyMs: TELL_MS, failure: 'could not tell of the providers', sweep: tell })
    },

    async stop(): Promise<void> {
      if (!serving) return
      await serving.stop()
      await deleteStatus(db, self.id)
    },

    /** Every process that serves; where there is none, this one. */
    async servers(): Promise<ServerStatus[]> {
      const others = (await readLiving(db, clock.nowMs())).filter(({ instanceId }) => instanceId !== self.id)
      const here = serving || others.length === 0 ? [own()] : []
      return [...here, ...others.map(toJson)]
    },

    /** For customers: which models are degraded, and since when. */
    service({ isOwner }: { isOwner: boolean }): ServiceStatus {
      const models = modelWays(deps, clock.nowMs()).map((way) => stateOf(way, isOwner))
      return { status: models.some(({ state }) => state === 'degraded') ? 'degraded' : 'ok', models }
    }
  }
}

function toJson({ instanceId, host, pid, writtenAtMs, body }: Awaited<ReturnType<typeof readLiving>>[number]) {
  const providers: ProviderStatus[] = JSON.parse(body)
  return { instance: instanceId, host, pid, serving: true, as_of: new Date(writtenAtMs).toISOString(), providers }
}

function stateOf({ model, provider, breaker, sinceMs }: ModelWay, isOwner: boolean): ModelStatus {
  const named = { id: model.id, aliases: [...model.aliases] }
  // Where the sandbox stands in, it does so for the owner alone.
  if (!provider || (provider.name !== model.provider && !isOwner))
    return { ...named, state: 'unavailable', since: null, note: 'this server has no provider for it' }
  if (sinceMs === null) return { ...named, state: 'ok', since: null, note: null }
  const note =
    breaker === 'open' ? 'its provider is failing, and is not asked for a while' : 'the next request tries its provider'
  return { ...named, state: 'degraded', since: new Date(sinceMs).toISOString(), note }
}
