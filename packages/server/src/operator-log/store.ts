import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

export async function insertEvent(tx: Tx, row: NewRow<'operator_event'>): Promise<void> {
  await tx.insertInto('operator_event').values(row).execute()
}

/** The newest first, each with the name of who did it. */
export function readEvents(db: Db, limit: number): Promise<(Row<'operator_event'> & { username: string })[]> {
  return db
    .selectFrom('operator_event')
    .innerJoin('account', 'account.id', 'operator_event.actor_account_id')
    .selectAll('operator_event')
    .select('username')
    .orderBy('operator_event.id', 'desc')
    .limit(limit)
    .execute()
}

/** Those of an account, as who acted or as who it was done to: by id or by its name. */
export function readEventsOf(
  db: Db,
  accountId: string,
  limit: number
): Promise<(Row<'operator_event'> & { username: string })[]> {
  return db
    .selectFrom('operator_event')
    .innerJoin('account', 'account.id', 'operator_event.actor_account_id')
    .selectAll('operator_event')
    .select('account.username')
    .where((eb) =>
      eb.or([
        eb('actor_account_id', '=', accountId),
        eb('subject', '=', accountId),
        eb('subject', '=', eb.selectFrom('account as own').select('own.username').where('own.id', '=', accountId))
      ])
    )
    .orderBy('operator_event.id', 'desc')
    .limit(limit)
    .execute()
}
