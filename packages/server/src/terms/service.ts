import { AppError } from '@caicaini/protocol'
import type { Catalog } from '../catalog/catalog.js'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Log } from '../lib/log.js'
import { nextTurn } from '../lib/next-turn.js'
import type { OperatorLog } from '../operator-log/service.js'
import type { Db, Row, Tx } from '../storage/tables.js'
import { applyDue, compareTerms } from './compare.js'
import { concerns, type Pending } from './decide.js'
import { catalogInForce, type Held } from './in-force.js'
import { closeChange, readChange, readChanges, readPending, readTerms, writeEntry } from './store.js'
import { subjectKey, type Term } from './subject.js'
import { type Tell, tellBatch } from './tell.js'

export interface TermsDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly operatorLog: OperatorLog
  /** Joins the transaction that notes who was told of a change. */
  readonly tell: Tell
  /** The catalog as the file has it. */
  readonly file: Catalog
}

export type CatalogTerms = Awaited<ReturnType<typeof startTerms>>

/** A change that is held: what it takes, from what, until when. */
type Waiting = Pending & Held

/**
 * The catalog's terms as they are in force: what the file gives holds at once; what it takes from
 * running subscriptions is told, and held for seven days. Compares the file with what was in force.
 */
export async function startTerms({ db, clock, ids, log, operatorLog, tell, file: first }: TermsDeps) {
  let file = first
  await db.transaction().execute((tx) => compareTerms(tx, file, { clock, ids }))
  let waiting: readonly Waiting[] = await readWaiting(db)
  let cached: { catalog: Catalog; fromMs: number; untilMs: number } | undefined
  warnOf(log, waiting)

  function inForce(): Catalog {
    const nowMs = clock.nowMs()
    if (!cached || nowMs < cached.fromMs || nowMs >= cached.untilMs) {
      const ahead = waiting.map(({ effectiveAtMs }) => effectiveAtMs).filter((atMs) => atMs > nowMs)
      const untilMs = Math.min(...ahead, Number.POSITIVE_INFINITY)
      cached = { catalog: catalogInForce(file, waiting, nowMs), fromMs: nowMs, untilMs }
    }
    return cached.catalog
  }

  return {
    /** The catalog that everyone else reads: its terms follow the clock. */
    catalog: liveCatalog(inForce),

    /**
     * Another file holds from now on, as after a start with it; what is written beside the comparison is
     * written with it or not at all. `taken` runs in the moment that it does.
     */
    async take(next: Catalog, { beside, taken }: { beside: (tx: Tx) => Promise<void>; taken: () => void }) {
      await db.transaction().execute(async (tx) => {
        await beside(tx)
        await compareTerms(tx, next, { clock, ids })
      })
      const known = new Set(waiting.map(({ id }) => id))
      const now = await readWaiting(db)
      file = next
      waiting = now
      cached = undefined
      taken()
      warnOf(
        log,
        now.filter(({ id }) => !known.has(id))
      )
    },

    /** Looks at what has become due, or was forced by another process; whether the terms are others now. */
    async refresh(): Promise<boolean> {
      const before = waiting.map(({ id }) => id).join()
      if (waiting.some(({ effectiveAtMs }) => effectiveAtMs <= clock.nowMs())) {
        await db.transaction().execute((tx) => applyDue(tx, clock))
      }
      waiting = await readWaiting(db)
      cached = undefined
      return waiting.map(({ id }) => id).join() !== before
    },

    /** Changes to come that touch an account, one sentence each. The owner has no plan to be touched. */
    noticesFor(account: { role: string; plan: string; tier: string }): string[] {
      if (account.role === 'owner') return []
      const nowMs = clock.nowMs()
      return waiting
        .filter(({ term, effectiveAtMs }) => nowMs < effectiveAtMs && concerns(term, account, inForce()))
        .flatMap(({ taken, effectiveAtMs }) =>
          taken.map((what) => `From ${new Date(effectiveAtMs).toISOString().slice(0, 10)} ${what}.`)
        )
    },

    /** Tells those that changes to come touch, each once; others have their turn between. */
    async tellSubscribers(stopped: () => boolean): Promise<void> {
      while (!stopped() && (await db.transaction().execute((tx) => tellBatch(tx, { clock, tell })))) await nextTurn()
    },

    list: (): Promise<Row<'catalog_change'>[]> => readChanges(db),

    /** Lets a change hold now, for a reason that is written down beside who gave it. */
    async force({ id, reason, by }: { id: string; reason: string; by: string }): Promise<Row<'catalog_change'>> {
      return db.transaction().execute(async (tx) => {
        const change = await readChange(tx, id)
        if (!change) throw new AppError('not_found', `id: there is no change "${id}"`)
        if (!(await closeChange(tx, { id, state: 'forced', reason })))
          throw new AppError('conflict', `id: the change "${id}" is ${change.state}, and waits for nothing`)
        await writeEntry(tx, change.subject, change.target === null ? null : JSON.parse(change.target))
        const taken = JSON.parse(change.taken)
        await operatorLog.record(tx, { actorId: by, action: 'catalog.force', subject: id, detail: { reason, taken } })
        return { ...change, state: 'forced', reason }
      })
    }
  }
}

/** A catalog whose every part is that of the moment it is read in. */
function liveCatalog(inForce: () => Catalog): Catalog {
  return {
    get version() {
      return inForce().version
    },
    get providers() {
      return inForce().providers
    },
    get router() {
      return inForce().router
    },
    get limits() {
      return inForce().limits
    },
    get plans() {
      return inForce().plans
    },
    get tiers() {
      return inForce().tiers
    },
    get models() {
      return inForce().models
    },
    get names() {
      return inForce().names
    }
  }
}

function warnOf(log: Log, waiting: readonly Waiting[]): void {
  for (const { id, taken, effectiveAtMs } of waiting) {
    const effective_at = new Date(effectiveAtMs).toISOString()
    const what = `the catalog takes from running subscriptions; held until then: ${taken.join('; ')}`
    log.warn({ change: id, effective_at }, what)
  }
}

async function readWaiting(db: Db): Promise<Waiting[]> {
  const terms = new Map((await readTerms(db)).map((term): [string, Term] => [subjectKey(term), term]))
  return (await readPending(db)).flatMap((each) => {
    const term = terms.get(each.subject)
    return term ? [{ ...each, term }] : []
  })
}
