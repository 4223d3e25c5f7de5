import type { Catalog } from '../catalog/catalog.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import { nextTurn } from '../lib/next-turn.js'
import type { Db } from '../storage/tables.js'
import { type Month, monthOf } from './months.js'
import { readDue } from './store.js'
import type { Turning } from './turn.js'

/** Accounts of one look at the database, so that a month's turn of many holds nobody up. */
const BATCH_ACCOUNTS_MAX = 200
const REMEMBERED_ACCOUNTS_MAX = 100_000

export interface MonthKeeperDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Log
  readonly catalog: Catalog
  readonly turning: Turning
  /** Keys are remembered with the plan of their account: called after one has changed. */
  readonly forgetKeys: () => void
}

/** An account as a request knows it. */
export interface Subscriber {
  readonly id: string
  readonly role: string
  readonly plan: string
}

export type MonthKeeper = ReturnType<typeof createMonthKeeper>

/** Sees to it that every account has its month: when it asks, and for all when the month has turned. */
export function createMonthKeeper({ db, clock, log, catalog, turning, forgetKeys }: MonthKeeperDeps) {
  /** The month that was last made for an account: asking again costs a look into memory. */
  let made = new Map<string, Month>()
  let sweptMonth: Month | undefined
  /** Counts the calls to look again: a sweep that was under way then has not seen everybody. */
  let looks = 0

  function remember(accountId: string, month: Month, changed: boolean): void {
    if (changed) forgetKeys()
    if (made.size >= REMEMBERED_ACCOUNTS_MAX) made.clear()
    made.set(accountId, month)
  }

  /** Makes the account's month where nobody has yet; the plan in force then. */
  async function makeMonth(accountId: string): Promise<string> {
    const nowMs = clock.nowMs()
    const { plan, changed } = await db.transaction().execute((tx) => turning.turn(tx, accountId, nowMs))
    remember(accountId, monthOf(nowMs), changed)
    return plan
  }

  /**
   * The plan in force for an account that was read at `asOfMs`; makes its month where it has turned
   * since, so that the first request of a month needs no sweep before it. So does a plan that is gone.
   */
  async function current({ id, role, plan }: Subscriber, asOfMs: number): Promise<string> {
    if (role === 'owner') return plan
    const month = monthOf(clock.nowMs())
    const isMade = made.get(id) === month && monthOf(asOfMs) === month
    return isMade && Object.hasOwn(catalog.plans, plan) ? plan : makeMonth(id)
  }

  return {
    current,
    remember,

    /** Makes the month of everybody whose is not made yet. One that fails is logged, and holds up no other. */
    async sweep(stopped: () => boolean): Promise<void> {
      const month = monthOf(clock.nowMs())
      if (sweptMonth === month) return
      const look = looks
      let failed = false
      for (let after = ''; ; ) {
        const plans = Object.keys(catalog.plans)
        const due = await readDue(db, { month, plans, after, limit: BATCH_ACCOUNTS_MAX })
        for (const accountId of due) {
          await nextTurn()
          if (stopped()) return
          await makeMonth(accountId).catch((error) => {
            failed = true
            log.error({ account: accountId, error: String(error) }, 'could not make the month of a subscription')
          })
        }
        if (due.length < BATCH_ACCOUNTS_MAX) break
        after = due.at(-1) ?? ''
      }
      if (!failed && look === looks) sweptMonth = month
    },

    /** Called when the catalog's terms have changed: a plan that is gone ends now, not at the month's turn. */
    lookAgain(): void {
      looks++
      made = new Map()
      sweptMonth = undefined
      forgetKeys()
    }
  }
}
