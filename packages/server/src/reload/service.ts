import type { CatalogReload } from '@caicaini/protocol/api'
import type { Providers } from '../gateway/providers/index.js'
import { type Clock, sleep } from '../lib/clock.js'
import { ConfigError } from '../lib/config-error.js'
import type { Log } from '../lib/log.js'
import { startSweep } from '../lib/sweep.js'
import type { Plans } from '../plans/service.js'
import { publishRates } from '../rate-card/service.js'
import type { Status } from '../status/service.js'
import type { Db } from '../storage/tables.js'
import { type CatalogFileAsk, findCatalogFile, keepCatalogFile } from '../terms/catalog-file.js'
import type { CatalogTerms } from '../terms/service.js'
import { answerAsk, insertAsks, isAsked, readAsks } from './store.js'

/** How soon a server sees that it was asked: a look at a counter of the database, and no query while nobody wrote. */
const LOOK_MS = 1_000
const WAIT_STEP_MS = 200
const WAIT_MS_MAX = 10_000

export interface ReloadDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Log
  /** Which number stands for what other processes have written. */
  readonly foreignVersion: () => number
  readonly source: CatalogFileAsk
  readonly providers: Providers
  readonly terms: CatalogTerms
  readonly status: Status
  /** Told that what they remember of the catalog is old. */
  readonly plans: Pick<Plans, 'lookAgain'>
  readonly forgetKeys: () => void
}

export type Reload = ReturnType<typeof createReload>

/** Reading the catalog file again while the server runs, here or in the servers beside a command. */
export function createReload(deps: ReloadDeps) {
  const { db, clock, log, foreignVersion, status } = deps
  const { self } = status
  let last: Promise<unknown> = Promise.resolve()
  let looking: { stop: () => Promise<void> } | undefined
  let seenVersion: number | undefined

  /** One after the other. Rejects with a `ConfigError` that names the fault of a bad file: the one before stays in force. */
  function reload(): Promise<void> {
    const next = last.then(() => readAgain(deps))
    last = next.catch(() => undefined)
    return next
  }

  /** Why it was refused; null where it was not. */
  async function reloadOrFault(): Promise<string | null> {
    try {
      await reload()
      return null
    } catch (error) {
      return error instanceof ConfigError ? error.message : `it could not be taken over: ${String(error)}`
    }
  }

  async function look(): Promise<void> {
    const version = foreignVersion()
    if (version === seenVersion) return
    if (await isAsked(db, self.id)) {
      const fault = await reloadOrFault()
      await answerAsk(db, { id: self.id, nowMs: clock.nowMs(), fault })
    }
    // Last, so that what failed is looked at again.
    seenVersion = version
  }

  return {
    reload,

    /** From now on commands beside this process can ask it. */
    serve(): void {
      const failure = 'could not look whether the catalog is to be read again'
      looking ??= startSweep({ clock, log, everyMs: LOOK_MS, failure, sweep: look })
    },

    stop: async () => looking?.stop(),

    /** Every server on the data reads its file again; what became of it at each within ten seconds. */
    async reloadServers(): Promise<CatalogReload[]> {
      const living = (await status.living()).filter(({ instance }) => instance !== self.id)
      const ids = living.map(({ instance }) => instance)
      await insertAsks(db, { ids, nowMs: clock.nowMs() })
      const own = looking ? [{ ...nameOf(self), ...stateOf(await reloadOrFault()) }] : []
      let asks = await readAsks(db, ids)
      for (let waitedMs = 0; waitedMs < WAIT_MS_MAX && asks.some(isOpen); waitedMs += WAIT_STEP_MS) {
        await sleep(clock, WAIT_STEP_MS)
        asks = await readAsks(db, ids)
      }
      const byId = new Map(asks.map((ask) => [ask.instance_id, ask]))
      const others = living.map((server): CatalogReload => {
        const ask = byId.get(server.instance)
        // One that is gone took its row along.
        return { ...server, ...(!ask || isOpen(ask) ? { state: 'waiting', fault: null } : stateOf(ask.fault)) }
      })
      return [...own, ...others]
    }
  }
}

/** The whole way of a file: checked, its providers made, its rates published, its terms compared; then it holds. */
async function readAgain({ clock, log, source, providers, terms, plans, forgetKeys }: ReloadDeps): Promise<void> {
  try {
    const found = await findCatalogFile(source)
    const swapProviders = providers.prepare(found.file)
    await terms.take(found.file, {
      async beside(tx) {
        await publishRates(tx, { clock, ...found })
        await keepCatalogFile(tx, source, found)
      },
      taken: swapProviders
    })
    plans.lookAgain()
    forgetKeys()
    log.info({ catalog: found.name }, 'the catalog was reloaded')
  } catch (error) {
    log.error({ error: String(error) }, 'the catalog was not reloaded; the one before stays in force')
    throw error
  }
}

function isOpen({ answered_at_ms }: { answered_at_ms: bigint | null }): boolean {
  return answered_at_ms === null
}

function stateOf(fault: string | null): Pick<CatalogReload, 'state' | 'fault'> {
  return { state: fault === null ? 'reloaded' : 'refused', fault }
}

function nameOf({ id, host, pid }: Status['self']) {
  return { instance: id, host, pid }
}
