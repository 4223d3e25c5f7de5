import { readFileSync } from 'node:fs'
import { createAccounts } from './accounts/service.js'
import type { Config } from './config.js'
import { createProviders } from './gateway/providers/index.js'
import { buildGatewayParts, createWatch } from './gateway-parts.js'
import { buildIdentityParts, type IdentityPartsDeps } from './identity-parts.js'
import type { Processes } from './instances/process-identity.js'
import { startRecovery } from './instances/recovery.js'
import { startInstance } from './instances/service.js'
import { buildKeys, buildLeaks, buildSignals, buildStanding } from './key-parts.js'
import { buildLeavingParts, type LeavingPartsDeps } from './leaving-parts.js'
import { startExpiry } from './ledger/expiry.js'
import { createLedger } from './ledger/service.js'
import type { Clock } from './lib/clock.js'
import { createIds, type Ids } from './lib/ids.js'
import type { Log } from './lib/log.js'
import type { Random } from './lib/random.js'
import { startSweep } from './lib/sweep.js'
import type { MailTransport } from './mail/mail.js'
import { buildMailParts, noticesBy } from './mail-parts.js'
import { createOperatorLog } from './operator-log/service.js'
import { createPlans, type Plans } from './plans/service.js'
import { createRateCard, publishRates } from './rate-card/service.js'
import { createReload } from './reload/service.js'
import type { Signals } from './signals/service.js'
import { createStatus } from './status/service.js'
import type { Storage } from './storage/sqlite.js'
import type { Db } from './storage/tables.js'
import { findCatalogFile, keepCatalogFile } from './terms/catalog-file.js'
import { type CatalogTerms, startTerms } from './terms/service.js'
import { createTiers } from './tiers/service.js'

/** What the outside world is made of; tests bring their own. */
export interface World {
  readonly clock: Clock
  readonly random: Random
  readonly processes: Processes
  readonly log: Log
  /** What other servers are asked by, other than providers. */
  readonly fetch: typeof globalThis.fetch
  /** In place of the configuration's. */
  readonly mailTransport?: MailTransport | undefined
}

export type Foundations = World & { readonly config: Config; readonly storage: Storage }
export type Parts = Awaited<ReturnType<typeof buildParts>>

/** A number from 0 up to 1, of 32 random bits. */
function fraction(random: Random): number {
  return Buffer.from(random.bytes(4)).readUInt32BE() / 2 ** 32
}

async function readCatalog(config: Config, db: Db) {
  const source = { ...config, path: config.catalogPath, db, readFile: (path: string) => readFileSync(path, 'utf8') }
  const found = await findCatalogFile(source)
  return { source, found, file: found.file }
}

type CatalogRead = Awaited<ReturnType<typeof readCatalog>>

/** Its prices are published for good, and the file is what commands beside this process follow. */
function enterCatalog(
  db: Db,
  { clock, source, found }: Omit<CatalogRead, 'file'> & Pick<World, 'clock'>
): Promise<void> {
  return db.transaction().execute(async (tx) => {
    await publishRates(tx, { clock, ...found })
    await keepCatalogFile(tx, source, found)
  })
}

/** Every service, built once and passed on by name. */
export async function buildParts(foundations: Foundations) {
  const { config, storage, clock, random, processes, log, fetch } = foundations
  const { db, foreignVersion, snapshot } = storage
  const chance = () => fraction(random)
  // First what may refuse the start: nothing else has been entered anywhere then.
  const { source, found, file } = await readCatalog(config, db)
  const providers = createProviders({ catalog: file, env: config.env, clock, random: chance })
  const ids: Ids = createIds({ clock, random })
  await enterCatalog(db, { clock, source, found })
  const letters = buildMailParts({ ...foundations, db, ids })
  const { vault, mail } = letters
  const operatorLog = createOperatorLog({ db, clock, ids, vault })
  const { tell, onChanged } = noticesBy(mail)
  const terms = await startTerms({ db, clock, ids, log, operatorLog, tell, file })
  const { catalog } = terms
  const instances = await startInstance({ db, clock, ids, log, processes })
  const watch = createWatch({ config, clock, log })
  const { batchBegins } = watch.metrics
  const ledger = createLedger({ db, snapshot, clock, ids, instance: instances.current, batchBegins })
  const base = { db, clock, ids, log, ledger, operatorLog, vault }
  const recovery = await startRecovery({ instances, ledger, clock, log })
  const expiry = await startExpiry({ ledger, clock, log })
  const said = { vault, record: operatorLog.record, appealContact: config.site.appealContact }
  const later = { plans: () => plans, signals: () => signals }
  const keys = buildKeys({ db, clock, ids, random, log, foreignVersion, mail, ...said, ...later })
  const { forget: forgetKeys, upkeep } = keys
  const isWithheld: Signals['isWithheld'] = (tx, accountId) => signals.isWithheld(tx, accountId)
  const plans = createPlans({ ...base, log, catalog, forgetKeys, onChanged, isWithheld })
  const accounts = createAccounts({
    ...base,
    catalog,
    onCreated: (tx, { id: accountId, plan }, by) => plans.beginFirst(tx, { accountId, plan, by }),
    record: operatorLog.record
  })
  const signals = buildSignals({ ...base, config, log, accounts, plans })
  const owner = await accounts.ensureOwner()
  const stop = () => void gateway.inFlight.stopSuspended().catch(() => undefined)
  const known = { ...foundations, ...letters, ...base }
  const people = buildPeople({ ...known, accounts, keys, signals, forgetKeys, onStopped: stop })
  const { sessions, conversations } = people
  const tiers = createTiers({ db, log, catalog, forgetKeys })
  const sweeps = startSweeps({ ...base, terms, plans, tiers, tidied: [upkeep, operatorLog, signals, conversations] })
  const standing = buildStanding({ ...base, sessions, keys, mail, onStopped: stop })
  const live = { foreignVersion, conversations, signals, standing }
  const gateway = buildGatewayParts({ ...base, ...live, config, random: chance, catalog, providers, plans, watch })
  const { breakers } = gateway
  const status = createStatus({ db, clock, log, catalog, providers, breakers, recent: watch.recent, instances })
  const reload = createReload({ db, clock, log, foreignVersion, source, providers, terms, status, plans, forgetKeys })
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
    rateCard: createRateCard({ db }),
    terms,
    plans,
    accounts,
    owner,
    keys,
    standing,
    signals,
    leaks: buildLeaks({ clock, log, fetch, url: config.site.gitHubKeysUrl, keys }),
    providers,
    status,
    reload,
    ...letters,
    ...people,
    ...gateway
  }
}

/** Who people are, how they prove it, and how they leave. */
function buildPeople(deps: IdentityPartsDeps & Omit<LeavingPartsDeps, 'people'>) {
  const people = buildIdentityParts(deps)
  return { ...people, ...buildLeavingParts({ ...deps, people }) }
}

const TERMS_SWEEP_MS = 60_000
const TIERS_SWEEP_MS = 300_000
const TIDY_SWEEP_MS = 3_600_000

/** What time brings: terms whose day has come, months that turn, tiers that were paid for. Now, then again and again. */
function startSweeps({
  terms,
  plans,
  tiers,
  tidied,
  clock,
  log
}: Pick<World, 'clock' | 'log'> & {
  terms: CatalogTerms
  plans: Plans
  tiers: ReturnType<typeof createTiers>
  tidied: readonly { sweep(): Promise<void> }[]
}) {
  const takeTerms = async () => {
    if (await terms.refresh()) plans.lookAgain()
  }
  const turnMonths = async (stopped: () => boolean) => {
    await takeTerms()
    await plans.sweep(stopped)
  }
  const tidy = async () => {
    for (const each of tidied) await each.sweep()
  }
  const failure = (what: string) => `could not ${what}; trying again`
  const running = [
    startSweep({ clock, log, everyMs: TERMS_SWEEP_MS, failure: failure('turn the months'), sweep: turnMonths }),
    startSweep({
      clock,
      log,
      everyMs: TERMS_SWEEP_MS,
      failure: failure('tell of changes'),
      sweep: terms.tellSubscribers
    }),
    startSweep({ clock, log, everyMs: TIERS_SWEEP_MS, failure: failure('promote accounts'), sweep: tiers.promote }),
    startSweep({ clock, log, everyMs: TIDY_SWEEP_MS, failure: failure('tidy up'), sweep: tidy })
  ]
  return { takeTerms, stop: () => Promise.all(running.map(({ stop }) => stop())) }
}
