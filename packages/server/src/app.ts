import type { Config } from './config.js'
import { type Listening, type ListenOptions, listen } from './http/listen.js'
import { systemProcesses } from './instances/process-identity.js'
import { systemClock } from './lib/clock.js'
import { ConfigError } from './lib/config-error.js'
import { databaseTrouble } from './lib/database-trouble.js'
import { createStderrLog, silentLog } from './lib/log.js'
import { systemRandom } from './lib/random.js'
import { buildParts, type World } from './parts.js'
import { buildRoutes } from './routes.js'
import { openSqlite } from './storage/sqlite.js'

/** A server over one data directory: served on a port, called in process, or both. */
export interface Server {
  /** As a network client: every request needs a key. */
  fetch(request: Request): Promise<Response>
  /** As the owner of the data directory, in this process. */
  fetchLocal(request: Request): Promise<Response>
  listen(options: ListenOptions): Promise<{ readonly url: string }>
  /** Reads the catalog file again. Rejects with a `ConfigError` where it is bad: the one before stays in force then. */
  reloadCatalog(): Promise<void>
  /** Stops accepting, lets streams finish up to the limit, settles, closes. Twice is as good as once. */
  close(): Promise<void>
}

/** The composition root: every service is built here, once, and passed on by name. */
export async function buildServer(config: Config, world: Partial<World> = {}): Promise<Server> {
  const { clock = systemClock, random = systemRandom, processes = systemProcesses(), fetch = globalThis.fetch } = world
  const log = world.log ?? (config.log === 'silent' ? silentLog : await createStderrLog(config.logLevel))
  const refuse = (why: string): never => {
    throw new ConfigError(`${config.databasePath}: ${why}`)
  }
  const storage = await openSqlite(config.databasePath).catch((error) =>
    refuse(databaseTrouble(error) ?? `cannot be opened: ${error instanceof Error ? error.message : error}`)
  )
  const parts = await buildParts({ ...world, config, storage, clock, random, processes, log, fetch }).catch(
    async (error) => {
      await storage.close()
      const trouble = databaseTrouble(error)
      throw trouble === undefined ? error : refuse(trouble)
    }
  )
  const app = buildRoutes(parts, { clock, log, config })

  const listening: Listening[] = []
  let closed: Promise<void> | undefined
  return {
    fetch: async (request) => app.fetch(request, {}),
    fetchLocal: async (request) => app.fetch(request, { local: true }),
    async listen(options) {
      const opened = await listen(
        (request, bindings) => app.fetch(request, bindings),
        options,
        (error) => log.error({ error: String(error) }, 'the listener failed')
      )
      listening.push(opened)
      parts.site.listens(opened.url)
      await parts.telemetry.start()
      await parts.status.serve()
      parts.reload.serve()
      parts.upkeep.serve()
      parts.mail.serve(parts.instances.self.id)
      return { url: opened.url }
    },
    reloadCatalog: () => parts.reload.reload(),
    close() {
      closed ??= (async () => {
        for (const each of listening) each.stopAccepting()
        parts.stopWatching()
        await parts.inFlight.drain(config.stopLimitMs)
        await Promise.all(listening.map((each) => each.close()))
        await parts.ledger.idle()
        await Promise.all([parts.recovery.stop(), parts.expiry.stop(), parts.sweeps.stop()])
        await parts.identity.idle()
        await parts.mail.stop()
        await parts.reload.stop()
        await parts.status.stop()
        await parts.telemetry.stop()
        await parts.upkeep.stop()
        await parts.exports.idle()
        await parts.instances.close()
        await parts.providers.close()
        await storage.close()
      })()
      return closed
    }
  }
}
