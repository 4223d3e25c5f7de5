import { readFileSync } from 'node:fs'
import { AppError } from '@caicaini/protocol'
import { Hono } from 'hono'
import { except } from 'hono/combine'
import { createAbuseGuard } from './abuse/guard.js'
import { createAccounts } from './accounts/service.js'
import { creditsRoutes } from './admin/credits-routes.js'
import { limitRoutes } from './admin/limit-routes.js'
import { adminRoutes } from './admin/routes.js'
import { loadCatalog } from './catalog/load.js'
import type { Config } from './config.js'
import { createAdmission } from './gateway/admission.js'
import { createInFlight } from './gateway/in-flight.js'
import { createProviders } from './gateway/providers/index.js'
import { gatewayRoutes } from './gateway/routes.js'
import { errorResponse, toAppError } from './http/errors.js'
import { type Listening, type ListenOptions, listen } from './http/listen.js'
import { createApiRouter } from './http/openapi.js'
import { type Processes, systemProcesses } from './instances/process-identity.js'
import { startRecovery } from './instances/recovery.js'
import { startInstance } from './instances/service.js'
import { authenticate, type KnownEnv } from './keys/authenticate.js'
import type { Principal } from './keys/key.js'
import { keyRoutes } from './keys/routes.js'
import { createKeys } from './keys/service.js'
import { startExpiry } from './ledger/expiry.js'
import { ledgerRoutes } from './ledger/routes.js'
import { createLedger } from './ledger/service.js'
import { type Clock, systemClock } from './lib/clock.js'
import { ConfigError } from './lib/config-error.js'
import { createIds, type Ids } from './lib/ids.js'
import { createStderrLog, type Log, silentLog } from './lib/log.js'
import { type Random, systemRandom } from './lib/random.js'
import { startSweep } from './lib/sweep.js'
import { createMemoryLimiter } from './limits/memory.js'
import { createMemoryRefusals } from './limits/refusals.js'
import { operatorLogRoutes } from './operator-log/routes.js'
import { createOperatorLog } from './operator-log/service.js'
import { createCurrent, keepCurrent } from './plans/current.js'
import { planRoutes } from './plans/routes.js'
import { createPlans, type Plans } from './plans/service.js'
import { rateCardRoutes } from './rate-card/routes.js'
import { publishRates } from './rate-card/service.js'
import { openSqlite, type Storage } from './storage/sqlite.js'
import { termsRoutes } from './terms/routes.js'
import { type CatalogTerms, startTerms } from './terms/service.js'
import { createTiers } from './tiers/service.js'
import { usageRoutes } from './usage/routes.js'

/** What the outside world is made of; tests bring their own. */
export interface World {
  readonly clock: Clock
  readonly random: Random
  readonly processes: Processes
  readonly log: Log
}

/** A server over one data directory: served on a port, called in process, or both. */
export interface Server {
  /** As a network client: every request needs a key. */
  fetch(request: Request): Promise<Response>
  /** As the owner of the data directory, in this process. */
  fetchLocal(request: Request): Promise<Response>
  listen(options: ListenOptions): Promise<{ readonly url: string }>
  /** Stops accepting, lets streams finish up to the limit, settles, closes. Twice is as good as once. */
  close(): Promise<void>
}

/** The composition root: every service is built here, once, and passed on by name. */
export async function buildServer(config: Config, world: Partial<World> = {}): Promise<Server> {
  const { clock = systemClock, random = systemRandom, processes = systemProcesses() } = world
  const log = world.log ?? (config.log === 'silent' ? silentLog : await createStderrLog(config.logLevel))
  const file = loadCatalog({ path: config.catalogPath, readFile: (path) => readFileSync(path, 'utf8') })
  const storage = await openSqlite(config.databasePath).catch((error) => {
    throw new ConfigError(`${config.databasePath}: cannot be opened: ${error instanceof Error ? error.message : error}`)
  })
  const parts = await buildParts({ config, file, storage, clock, random, processes, log }).catch(async (error) => {
    await storage.close()
    throw error
  })
  const app = buildApp(parts, { clock, log })

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
      return { url: opened.url }
    },
    close() {
      closed ??= (async () => {
        for (const each of listening) each.stopAccepting()
        await parts.inFlight.drain(config.stopLimitMs)
        await Promise.all(listening.map((each) => each.close()))
        await parts.ledger.idle()
        await Promise.all([parts.recovery.stop(), parts.expiry.stop(), parts.sweeps.stop()])
        await parts.instances.close()
        await parts.providers.close()
        await storage.close()
      })()
      return closed
    }
  }
}

const SANDBOX_NOTICE =
  'No provider key was found, so the sandbox answers. Set ANTHROPIC_API_KEY (or another of the catalog) where this server runs.'

type Foundations = World & { config: Config; file: ReturnType<typeof loadCatalog>; storage: Storage }
type Parts = Awaited<ReturnType<typeof buildParts>>

async function buildParts({ config, file, storage, clock, random, processes, log }: Foundations) {
  const { db, foreignVersion, snapshot } = storage
  // First what may refuse the start: nothing has been entered anywhere then.
  const providers = createProviders({ catalog: file, env: config.env, clock })
  const ids: Ids = createIds({ clock, random })
  const rateCard = await publishRates({ db, clock, file, fileName: config.catalogPath ?? 'default-catalog.json' })
  const operatorLog = createOperatorLog({ db, clock, ids })
  const terms = await startTerms({ db, clock, ids, log, operatorLog, file })
  const { catalog } = terms
  const instances = await startInstance({ db, clock, ids, log, processes })
  const ledger = createLedger({ db, snapshot, clock, ids, instance: instances.current })
  const recovery = await startRecovery({ instances, ledger, clock, log })
  const expiry = await startExpiry({ ledger, clock, log })
  const keys = createKeys({
    db,
    clock,
    ids,
    random,
    log,
    foreignVersion,
    admitKey: (tx, ask) => plans.admitKey(tx, ask)
  })
  const { forget: forgetKeys } = keys
  const plans = createPlans({ db, clock, ids, log, ledger, catalog, operatorLog, forgetKeys })
  const accounts = createAccounts({
    db,
    clock,
    ids,
    ledger,
    catalog,
    async onCreated(tx, { id: accountId, username, plan }, by) {
      await plans.beginFirst(tx, { accountId, plan, by })
      await operatorLog.record(tx, { actorId: by, action: 'user.create', subject: username, detail: { plan } })
    }
  })
  const owner = await accounts.ensureOwner()
  const sweeps = startSweeps({ terms, plans, tiers: createTiers({ db, log, catalog, forgetKeys }), clock, log })
  const limiter = createMemoryLimiter({ clock })
  const guard = createAbuseGuard({
    refusals: createMemoryRefusals({ clock }),
    limits: catalog.limits,
    trustedProxies: config.trustedProxies
  })
  const inFlight = createInFlight({ clock })
  const current = createCurrent(plans)
  const admission = createAdmission({ catalog, providers, limiter, ledger, clock, current })
  return {
    storage,
    catalog,
    ids,
    instances,
    ledger,
    recovery,
    expiry,
    sweeps,
    operatorLog,
    rateCard,
    terms,
    plans,
    current,
    accounts,
    owner,
    keys,
    providers,
    limiter,
    guard,
    inFlight,
    admission
  }
}

const TERMS_SWEEP_MS = 60_000
const TIERS_SWEEP_MS = 300_000

/** What time brings: terms whose day has come, months that turn, tiers that were paid for. Now, then again and again. */
function startSweeps({
  terms,
  plans,
  tiers,
  clock,
  log
}: Pick<World, 'clock' | 'log'> & { terms: CatalogTerms; plans: Plans; tiers: ReturnType<typeof createTiers> }) {
  const takeTerms = async () => {
    if (await terms.refresh()) plans.lookAgain()
  }
  const turnMonths = async (stopped: () => boolean) => {
    await takeTerms()
    await plans.sweep(stopped)
  }
  const failure = (what: string) => `could not ${what}; trying again`
  const running = [
    startSweep({ clock, log, everyMs: TERMS_SWEEP_MS, failure: failure('turn the months'), sweep: turnMonths }),
    startSweep({ clock, log, everyMs: TIERS_SWEEP_MS, failure: failure('promote accounts'), sweep: tiers.promote })
  ]
  return { takeTerms, stop: () => Promise.all(running.map(({ stop }) => stop())) }
}

function buildApp(parts: Parts, { clock, log }: Pick<World, 'clock' | 'log'>): Hono<KnownEnv> {
  const { ids, keys, owner, ledger, accounts, catalog, limiter, guard, inFlight, admission, providers, storage } = parts
  const { terms, plans, operatorLog, rateCard, sweeps } = parts
  const known = [authenticate({ keys, ownerId: owner.id }), keepCurrent(parts.current)] as const
  /** Only the owner gets the sandbox, so only the owner is told of it. */
  const notice = (account: Principal['account']) => {
    const isTrial = providers.configured.length === 0 && account.role === 'owner'
    return [...(isTrial ? [SANDBOX_NOTICE] : []), ...terms.noticesFor(account)].join('\n') || null
  }
  const api = createApiRouter<KnownEnv>()
  api.doc31('/api/openapi.json', { openapi: '3.1.0', info: { title: 'Caicaini Code', version: '1' } })

  return new Hono<KnownEnv>()
    .use(async (c, next) => {
      c.set('requestId', ids.next('req'))
      c.set('startedAtMs', clock.nowMs())
      c.header('request-id', c.var.requestId)
      c.header('x-content-type-options', 'nosniff')
      await next()
    })
    .onError((error, c) => errorResponse(c, toAppError(error, log, c.var.requestId), c.var.requestId))
    .notFound((c) =>
      errorResponse(c, new AppError('not_found', `there is no ${c.req.method} ${c.req.path} here`), c.var.requestId)
    )
    .get('/healthz', (c) => c.json({ status: 'ok' }))
    .get('/readyz', async (c) => {
      if (inFlight.stopping()) throw new AppError('stopping', 'The server is stopping')
      await storage.db.selectFrom('account').select('id').limit(1).execute()
      return c.json({ status: 'ready' })
    })
    .use('/v1/*', guard.byAddress, ...known)
    .route('/', gatewayRoutes({ catalog, limiter, guardKey: guard.byKey, admission, inFlight, ledger, clock, log }))
    .use('/api/*', except('/api/openapi.json', guard.byAddress, ...known, guard.byKey))
    .use('/admin/api/*', guard.byAddress, ...known, guard.byKey)
    .route(
      '/',
      api
        .route(
          '/',
          keyRoutes({ keys, accountId: async (username) => (await accounts.byUsername(username)).id, notice })
        )
        .route('/', ledgerRoutes({ ledger, clock, rates: async () => [] }))
        .route('/', usageRoutes({ db: storage.db, clock }))
        .route('/', adminRoutes({ accounts, ledger, ids, clock }))
        .route('/', creditsRoutes({ accounts, ledger, ids, clock, db: storage.db }))
        .route('/', limitRoutes({ accounts, keys, catalog }))
        .route('/', planRoutes({ plans, catalog, accounts, notices: terms.noticesFor }))
        .route('/', rateCardRoutes({ rateCard }))
        .route('/', termsRoutes({ terms, onChanged: sweeps.takeTerms }))
        .route('/', operatorLogRoutes({ operatorLog }))
    )
}
