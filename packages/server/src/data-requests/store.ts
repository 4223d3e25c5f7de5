import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

export async function insertRequest(tx: Tx, row: NewRow<'data_request'>): Promise<void> {
  await tx.insertInto('data_request').values(row).execute()
}

/** Those that are open, the most urgent first; with `all` the closed ones after them. */
export function readRequests(
  db: Db,
  { all, limit }: { all: boolean; limit: number }
): Promise<(Row<'data_request'> & { username: string | null })[]> {
  let query = db
    .selectFrom('data_request')
    .leftJoin('account', 'account.id', 'data_request.account_id')
    .selectAll('data_request')
    .select('username')
  if (!all) query = query.where('closed_at_ms', 'is', null)
  return query
    .orderBy((eb) => eb('closed_at_ms', 'is not', null))
    .orderBy('due_at_ms')
    .limit(limit)
    .execute()
}

export async function closeRequest(
  tx: Tx,
  id: string,
  { nowMs, outcome }: { nowMs: number; outcome: string }
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('data_request')
    .set({ closed_at_ms: BigInt(nowMs), outcome })
    .where('id', '=', id)
    .where('closed_at_ms', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}
