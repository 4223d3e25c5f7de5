import { type Catalog, FREE_PLAN } from '../catalog/catalog.js'
import { assert } from '../lib/assert.js'
import type { Tx } from '../storage/tables.js'
import { decideTurn, monthlyMicro, type Standing } from './decide.js'
import { addMonths, monthOf } from './months.js'
import type { Openings } from './openings.js'
import { beginSubscription, endSubscription, hasMonth, readStanding, readSubscriber, updatePlan } from './store.js'

export type Turning = ReturnType<typeof createTurning>

/**
 * The turn of an account's month. It happens inside a transaction that begins with the write lock:
 * of two processes the second finds what the first has done.
 */
export function createTurning({ openings, catalog }: { openings: Openings; catalog: Catalog }) {
  const offers = (plan: string) => Object.hasOwn(catalog.plans, plan)

  /** Ends what is over and begins what follows it. */
  async function advance(tx: Tx, accountId: string, standing: Standing, nowMs: number): Promise<void> {
    const { running, scheduled } = standing
    const month = monthOf(nowMs)
    const turn = decideTurn(standing, month, offers)
    if (turn === 'stays') return
    const wasGiven = running !== undefined && (await hasMonth(tx, running.id, month))
    if (running) await endSubscription(tx, running.id, nowMs)
    if (turn === 'scheduled' && scheduled) return beginSubscription(tx, scheduled.id, nowMs)
    const waits = scheduled !== undefined && scheduled.beginsMonth > month && offers(scheduled.plan)
    if (scheduled && !waits) await endSubscription(tx, scheduled.id, nowMs)
    const lastMonth = waits ? addMonths(scheduled.beginsMonth, -1) : null
    const monthly = monthlyMicro(openings.entryOf(FREE_PLAN))
    // A whole month of Free follows the last one of a plan. A plan that was taken out of the catalog
    // within a month leaves that month's credits, and Free adds none to them.
    const given = wasGiven ? { micro: 0n, baseMonthly: monthly } : { micro: monthly, baseMonthly: 0n }
    await openings.begin(tx, { accountId, plan: FREE_PLAN, lastMonth, by: null, nowMs }, given)
  }

  return {
    /**
     * The account as this month has it: what is over has ended, what waited has begun, the month's
     * credits were given, once. The plan in force then, and whether it is another than before.
     */
    async turn(tx: Tx, accountId: string, nowMs: number): Promise<{ plan: string; changed: boolean }> {
      const account = await readSubscriber(tx, accountId)
      if (account.role === 'owner' || account.status === 'closed') return { plan: account.plan, changed: false }
      const standing = await readStanding(tx, accountId)
      if (standing.running || standing.scheduled) {
        await advance(tx, accountId, standing, nowMs)
      } else {
        // An account from before there were subscriptions.
        const plan = offers(account.plan) ? account.plan : FREE_PLAN
        await openings.beginFirst(tx, { accountId, plan, lastMonth: null, by: null, nowMs })
      }
      const { running } = await readStanding(tx, accountId)
      assert(running !== undefined, `${accountId} has a running subscription`)
      const { id, plan, beginsMonth } = running
      const month = monthOf(nowMs)
      // A clock that was set back is in a month from before the subscription, which gives nothing for it.
      if (month >= beginsMonth && !(await hasMonth(tx, id, month))) {
        await openings.giveMonth(tx, { accountId, id, plan, month, micro: monthlyMicro(openings.entryOf(plan)), nowMs })
      }
      const changed = plan !== account.plan
      if (changed) await updatePlan(tx, accountId, plan)
      return { plan, changed }
    }
  }
}
