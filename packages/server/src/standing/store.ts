import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

export type StandingRow = Row<'standing'>

export function readSubject(tx: Db, which: { username: string } | { accountId: string }) {
  const query = tx.selectFrom('account').select(['id', 'username', 'role', 'status', 'standing_reason'])
  return 'username' in which
    ? query.where('username', '=', which.username).executeTakeFirst()
    : query.where('id', '=', which.accountId).executeTakeFirst()
}

export async function insertStanding(tx: Tx, row: NewRow<'standing'>): Promise<void> {
  await tx.insertInto('standing').values(row).execute()
}

/** Suspended, or active again; false where it is neither any more, or is that already. */
export async function setStatus(
  tx: Tx,
  accountId: string,
  { from, to, reason }: { from: 'active' | 'suspended'; to: 'active' | 'suspended'; reason: string | null }
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('account')
    .set({ status: to, standing_reason: reason })
    .where('id', '=', accountId)
    .where('status', '=', from)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

/** What the account of a suspended one is told, where a ban or another reason takes its place. */
export async function setReason(tx: Tx, accountId: string, reason: string): Promise<void> {
  await tx.updateTable('account').set({ standing_reason: reason }).where('id', '=', accountId).execute()
}

/** What was decided of an account, the newest first, with who did. */
export function readHistory(db: Db, accountId: string): Promise<(StandingRow & { by: string | null })[]> {
  return db
    .selectFrom('standing')
    .leftJoin('account as actor', 'actor.id', 'standing.by_account_id')
    .selectAll('standing')
    .select('actor.username as by')
    .where('standing.account_id', '=', accountId)
    .orderBy('standing.id', 'desc')
    .limit(100)
    .execute()
}

/** Those of these accounts that may not act. */
export async function readInactive(db: Db, accountIds: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('account')
    .select('id')
    .where('id', 'in', accountIds)
    .where('status', '!=', 'active')
    .execute()
  return rows.map(({ id }) => id)
}
