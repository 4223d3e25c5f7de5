import { readFileSync } from 'node:fs'
import { createAccounts } from './accounts/service.js'
import type { Config } from './config.js'
import { createProviders } from './gateway/providers/index.js'
import { buildGatewayParts, createWatch } from './gateway-parts.js'
import { buildIdentityParts } from './identity-parts.js'
import type { Processes } from './instances/process-identity.js'
import { startRecovery } from './instances/recovery.js'
import { startInstance } from './instances/service.js'
import { createKeys, type KeysDeps } from './keys/service.js'
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
import { createStatus } from './status/service.js'
import type { Storage } from './storage/sqlite.js'
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
  readonly fetch: typeof fetch
  /** In place of the configuration's. */
  readonly mailTransport?: MailTransport | undefined
}

export type Foundations = World & { readonly config: Config; readonly storage: Storage }
export type Parts = Awaited<ReturnType<typeof buildParts>>

/** A number from 0 up to 1, of 32 random bits. */
function fraction(random: Random): number {
  return Buffer.from(random.bytes(4)).readUInt32BE() / 2 ** 32
}

/** Every service, built once and passed on by name. */
export async function buildParts(foundations: Foundations) {
  const { config, storage, clock, random, processes, log } = foundations
  const { db, foreignVersion, snapshot } = storage
  const chance = () => fraction(random)
  // First what may refuse the start: nothing else has been entered anywhere then.
  const source = { ...config, path: config.catalogPath, db, readFile: (path: string) => readFileSync(path, 'utf8') }
  const found = await findCatalogFile(source)
  const { file } = found
  const providers = createProviders({ catalog: file, env: config.env, clock, random: chance })
  const ids: Ids = createIds({ clock, random })
  await db.transaction().execute(async (tx) => {
    await publishRates(tx, { clock, ...found })
    await keepCatalogFile(tx, source, found)
  })
  const operatorLog = createOperatorLog({ db, clock, ids })
  const letters = buildMailParts({ ...foundations, db, ids })
  const { tell, onChanged } = noticesBy(letters.mail)
  const terms = await startTerms({ db, clock, ids, log, operatorLog, tell, file })
  const { catalog } = terms
  const instances = await startInstance({ db, clock, ids, log, processes })
  const watch = createWatch({ config, clock, log })
  const { batchBegins } = watch.metrics
  const ledger = createLedger({ db, snapshot, clock, ids, instance: instances.current, batchBegins })
  const recovery = await startRecovery({ instances, ledger, clock, log })
  const expiry = await startExpiry({ ledger, clock, log })
  const { admitKey }: Pick<KeysDeps, 'admitKey'> = { admitKey: (tx, ask) => plans.admitKey(tx, ask) }
  const keys = createKeys({ db, clock, ids, random, log, foreignVersion, admitKey })
  const { forget: forgetKeys } = keys
  const plans = createPlans({ db, clock, ids, log, ledger, catalog, operatorLog, forgetKeys, onChanged })
  const accounts = createAccounts({
    db,
    clock,
    ids,
    ledger,
    catalog,
    onCreated: (tx, { id: accountId, plan }, by) => plans.beginFirst(tx, { accountId, plan, by }),
    record: operatorLog.record
  })
  const owner = await accounts.ensureOwner()
  const people = buildIdentityParts({ ...foundations, ...letters, db, ids, accounts, operatorLog, forgetKeys })
  const tiers = createTiers({ db, log, catalog, forgetKeys })
  const sweeps = startSweeps({ terms, plans, tiers, ...people, clock, log })
  const gateway = buildGatewayParts({ config, clock, random: chance, catalog, providers, ledger, plans, watch })
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
    providers,
    status,
    reload,
    ...letters,
    ...people,
    ...gateway
  }
}

const TERMS_SWEEP_MS = 60_000
const TIERS_SWEEP_MS = 300_000
const IDENTITY_SWEEP_MS = 3_600_000

/** What time brings: terms whose day has come, months that turn, tiers that were paid for. Now, then again and again. */
function startSweeps({
  terms,
  plans,
  tiers,
  sweepIdentity,
  clock,
  log
}: Pick<World, 'clock' | 'log'> & {
  terms: CatalogTerms
  plans: Plans
  tiers: ReturnType<typeof createTiers>
  sweepIdentity: () => Promise<void>
}) {
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
    startSweep({
      clock,
      log,
      everyMs: TERMS_SWEEP_MS,
      failure: failure('tell of changes'),
      sweep: terms.tellSubscribers
    }),
    startSweep({ clock, log, everyMs: TIERS_SWEEP_MS, failure: failure('promote accounts'), sweep: tiers.promote }),
    startSweep({
      clock,
      log,
      everyMs: IDENTITY_SWEEP_MS,
      failure: failure('delete old sessions'),
      sweep: sweepIdentity
    })
  ]
  return { takeTerms, stop: () => Promise.all(running.map(({ stop }) => stop())) }
}
