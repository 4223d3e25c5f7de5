import type { Db, NewRow, Row, Tx } from '../storage/tables.js'
import type { Standing, Term } from './decide.js'
import type { Month } from './months.js'

export type SubscriberRow = Pick<Row<'account'>, 'id' | 'username' | 'role' | 'plan' | 'tier' | 'status'>

export function readSubscriber(db: Db | Tx, accountId: string): Promise<SubscriberRow> {
  return db
    .selectFrom('account')
    .select(['id', 'username', 'role', 'plan', 'tier', 'status'])
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow()
}

/** What runs and what waits; what has ended is history. */
export async function readStanding(db: Db | Tx, accountId: string): Promise<Standing & { sinceMs: number | null }> {
  const rows = await db
    .selectFrom('subscription')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('state', '=', 'active')
    .execute()
  const running = rows.find(({ begun_at_ms }) => begun_at_ms !== null)
  const scheduled = rows.find(({ begun_at_ms }) => begun_at_ms === null)
  return {
    running: running && toTerm(running),
    scheduled: scheduled && toTerm(scheduled),
    sinceMs: running ? Number(running.begun_at_ms) : null
  }
}

export async function insertSubscription(tx: Tx, row: NewRow<'subscription'>): Promise<void> {
  await tx.insertInto('subscription').values(row).execute()
}

export async function endSubscription(tx: Tx, id: string, nowMs: number): Promise<void> {
  await tx
    .updateTable('subscription')
    .set({ state: 'ended', ended_at_ms: BigInt(nowMs) })
    .where('id', '=', id)
    .where('state', '=', 'active')
    .execute()
}

export async function beginSubscription(tx: Tx, id: string, nowMs: number): Promise<void> {
  await tx
    .updateTable('subscription')
    .set({ begun_at_ms: BigInt(nowMs) })
    .where('id', '=', id)
    .where('begun_at_ms', 'is', null)
    .execute()
}

export async function updateLastMonth(tx: Tx, id: string, lastMonth: Month | null): Promise<void> {
  await tx.updateTable('subscription').set({ last_month: lastMonth }).where('id', '=', id).execute()
}

export async function updatePlan(tx: Tx, accountId: string, plan: string): Promise<void> {
  await tx.updateTable('account').set({ plan }).where('id', '=', accountId).execute()
}

export async function hasMonth(tx: Tx, subscriptionId: string, month: Month): Promise<boolean> {
  const row = await tx
    .selectFrom('subscription_month')
    .select('month')
    .where('subscription_id', '=', subscriptionId)
    .where('month', '=', month)
    .executeTakeFirst()
  return row !== undefined
}

/** The last month that the subscription has given. */
export async function readLatestMonth(tx: Tx, subscriptionId: string): Promise<Month | undefined> {
  const row = await tx
    .selectFrom('subscription_month')
    .select(({ fn }) => fn.max<Month | null>('month').as('month'))
    .where('subscription_id', '=', subscriptionId)
    .executeTakeFirst()
  return row?.month ?? undefined
}

export async function insertMonth(tx: Tx, row: NewRow<'subscription_month'>): Promise<void> {
  await tx.insertInto('subscription_month').values(row).execute()
}

/** Micro-credits that a subscription has given in a month. */
export async function readGiven(db: Db | Tx, subscriptionId: string, month: Month): Promise<bigint> {
  const row = await db
    .selectFrom('subscription_month')
    .select('micro')
    .where('subscription_id', '=', subscriptionId)
    .where('month', '=', month)
    .executeTakeFirst()
  return row?.micro ?? 0n
}

/** Micro-credits that a month has given an account, over all the subscriptions it had in it. */
export async function readMonthGiven(db: Db, accountId: string, month: Month): Promise<bigint> {
  const rows = await db
    .selectFrom('subscription_month')
    .innerJoin('subscription', 'subscription.id', 'subscription_month.subscription_id')
    .select('micro')
    .where('account_id', '=', accountId)
    .where('month', '=', month)
    .execute()
  return rows.reduce((sum, { micro }) => sum + micro, 0n)
}

/** Accounts whose month has not been made yet, or whose plan is gone: some of them, oldest first. */
export async function readDue(
  db: Db,
  ask: { month: Month; plans: readonly string[]; after: string; limit: number }
): Promise<string[]> {
  const { month, plans, after, limit } = ask
  const rows = await db
    .selectFrom('account')
    .leftJoin('subscription', (join) =>
      join
        .onRef('subscription.account_id', '=', 'account.id')
        .on('subscription.state', '=', 'active')
        .on('subscription.begun_at_ms', 'is not', null)
    )
    .leftJoin('subscription_month', (join) =>
      join
        .onRef('subscription_month.subscription_id', '=', 'subscription.id')
        .on('subscription_month.month', '=', month)
    )
    .select('account.id')
    .where('account.role', '!=', 'owner')
    .where('account.status', '!=', 'closed')
    .where('account.id', '>', after)
    .where((eb) => eb.or([eb('subscription_month.month', 'is', null), eb('subscription.plan', 'not in', plans)]))
    .orderBy('account.id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

function toTerm(row: Row<'subscription'>): Term {
  const { id, plan, begins_month: beginsMonth, last_month: lastMonth, base_monthly: baseMonthly } = row
  return { id, plan, beginsMonth, lastMonth, baseMonthly }
}
