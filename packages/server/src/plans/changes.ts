import { AppError } from '@caicaini/protocol'
import { FREE_PLAN } from '../catalog/catalog.js'
import type { PlanEntry } from '../catalog/schema.js'
import { assert } from '../lib/assert.js'
import type { Clock } from '../lib/clock.js'
import type { OperatorLog } from '../operator-log/service.js'
import type { Db, Tx } from '../storage/tables.js'
import { type Change, decideChange, levelOf, type Term } from './decide.js'
import type { MonthKeeper } from './month-keeper.js'
import { monthEndMs, monthOf } from './months.js'
import type { Openings } from './openings.js'
import {
  endSubscription,
  readGiven,
  readLatestMonth,
  readStanding,
  readSubscriber,
  type SubscriberRow,
  updateLastMonth
} from './store.js'
import type { Turning } from './turn.js'

export interface ChangesDeps {
  readonly db: Db
  readonly clock: Clock
  readonly operatorLog: OperatorLog
  readonly openings: Openings
  readonly turning: Turning
  readonly months: MonthKeeper
  /** Joins the transaction of a change that somebody asked for: the account's owner is told. Plans by the names that people see. */
  readonly onChanged: (tx: Tx, change: PlanChanged) => Promise<unknown>
  /** A plan by its name; refuses one that is not offered. */
  readonly planEntry: (name: string) => PlanEntry
}

export interface PlanChanged {
  readonly accountId: string
  readonly from: string
  readonly to: string
  /** From when on it holds. */
  readonly fromMs: number
  readonly isNow: boolean
}

export interface ChangeAsk {
  readonly accountId: string
  readonly plan: string
  /** Calendar months, the first among them; undefined = until it is changed. */
  readonly months?: number | undefined
  /** The account of who asks for it. */
  readonly by: string
}

/** What runs and what waits at the moment of a change. */
interface Found {
  readonly account: SubscriberRow
  readonly running: Term
  readonly scheduled: Term | undefined
  readonly nowMs: number
}

/** A clock set back is in a month whose changes would give what a later month has given already. */
async function refuseSetBack(tx: Tx, running: Term, nowMs: number): Promise<void> {
  const [month, latest] = [monthOf(nowMs), await readLatestMonth(tx, running.id)]
  if (latest === undefined || latest <= month) return
  throw new AppError(
    'conflict',
    `clock: it is ${month} on this server, and the credits of ${latest} were given already; set the clock right, then try again`
  )
}

/** What changes subscriptions at somebody's word, each in one transaction with the line that says whose. */
export function createChanges(deps: ChangesDeps) {
  const { db, clock, operatorLog, openings, turning, months, onChanged, planEntry } = deps

  /** The month is made first, so that what runs is what `work` finds. */
  async function write(accountId: string, work: (tx: Tx, found: Found) => Promise<void>): Promise<void> {
    const nowMs = clock.nowMs()
    await db.transaction().execute(async (tx) => {
      const account = await readSubscriber(tx, accountId)
      if (account.role === 'owner')
        throw new AppError('conflict', 'username: the owner has every right of every plan, and no subscription')
      if (account.status === 'closed')
        throw new AppError('conflict', `username: the account "${account.username}" is closed`)
      await turning.turn(tx, accountId, nowMs)
      const { running, scheduled } = await readStanding(tx, accountId)
      assert(running !== undefined, `${accountId} has a running subscription`)
      await refuseSetBack(tx, running, nowMs)
      await work(tx, { account, running, scheduled, nowMs })
    })
    months.remember(accountId, monthOf(nowMs), true)
  }

  async function apply(
    tx: Tx,
    found: Found,
    change: Change,
    to: { plan: string; by: string; level: bigint }
  ): Promise<void> {
    const { account, running, scheduled, nowMs } = found
    // Whatever was to come is replaced by what was chosen last.
    if (scheduled) await endSubscription(tx, scheduled.id, nowMs)
    if (change.kind === 'same') return updateLastMonth(tx, running.id, change.lastMonth)
    const asked = { accountId: account.id, plan: to.plan, lastMonth: change.lastMonth, by: to.by, nowMs }
    if (change.kind === 'up') {
      await endSubscription(tx, running.id, nowMs)
      return openings.begin(tx, asked, { micro: change.credits, baseMonthly: to.level })
    }
    await updateLastMonth(tx, running.id, monthOf(nowMs))
    await openings.schedule(tx, { ...asked, beginsMonth: change.beginsMonth })
  }

  return {
    /** Up at once, down at the month's turn; the plan that the account has takes back what was to come. */
    change({ accountId, plan, months: count, by }: ChangeAsk): Promise<void> {
      return write(accountId, async (tx, found) => {
        const { running, nowMs, account } = found
        const [from, to] = [planEntry(running.plan), planEntry(plan)]
        const level = levelOf(running, from, { given: await readGiven(tx, running.id, monthOf(nowMs)), nowMs })
        const change = decideChange({ from, to, same: plan === running.plan, level, months: count, nowMs })
        await apply(tx, found, change, { plan, by, level })
        const detail = { from: running.plan, plan, kind: change.kind, months: count ?? null }
        await operatorLog.record(tx, { actorId: by, action: 'subscription.set', subject: account.username, detail })
        if (change.kind === 'same') return
        const isNow = change.kind === 'up'
        const fromMs = isNow ? nowMs : monthEndMs(monthOf(nowMs))
        await onChanged(tx, { accountId, from: from.display_name, to: to.display_name, fromMs, isNow })
      })
    },

    /** What runs ends with this month, and Free follows; its credits stay until then. */
    end({ accountId, by }: { accountId: string; by: string }): Promise<void> {
      return write(accountId, async (tx, { account, running, scheduled, nowMs }) => {
        const { username } = account
        const to = planEntry(FREE_PLAN).display_name
        if (running.plan === FREE_PLAN)
          throw new AppError('conflict', `username: "${username}" is on the plan ${to}, which does not end`)
        if (scheduled) await endSubscription(tx, scheduled.id, nowMs)
        await updateLastMonth(tx, running.id, monthOf(nowMs))
        const detail = { plan: running.plan, last_month: monthOf(nowMs) }
        await operatorLog.record(tx, { actorId: by, action: 'subscription.end', subject: username, detail })
        const fromMs = monthEndMs(monthOf(nowMs))
        await onChanged(tx, { accountId, from: planEntry(running.plan).display_name, to, fromMs, isNow: false })
      })
    }
  }
}
