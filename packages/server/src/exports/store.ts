import type { Db, Row, Tx } from '../storage/tables.js'

export type JobRow = Row<'export_job'>

export async function insertJob(tx: Tx, row: { id: string; accountId: string; nowMs: number }): Promise<void> {
  const { id, accountId, nowMs } = row
  await tx
    .insertInto('export_job')
    .values({ id, account_id: accountId, state: 'pending', created_at_ms: BigInt(nowMs) })
    .execute()
}

/** The newest of an account, without its body. */
export function readNewest(db: Db, accountId: string): Promise<Omit<JobRow, 'body'> | undefined> {
  return db
    .selectFrom('export_job')
    .select(['id', 'account_id', 'state', 'created_at_ms', 'expires_at_ms'])
    .where('account_id', '=', accountId)
    .orderBy('created_at_ms', 'desc')
    .orderBy('id', 'desc')
    .executeTakeFirst()
}

export function readJob(db: Db, accountId: string, id: string): Promise<JobRow | undefined> {
  return db
    .selectFrom('export_job')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .executeTakeFirst()
}

export function readPending(db: Db): Promise<{ id: string; account_id: string }[]> {
  return db.selectFrom('export_job').select(['id', 'account_id']).where('state', '=', 'pending').orderBy('id').execute()
}

/** False where another process has made it meanwhile. */
export async function finishJob(
  tx: Tx,
  id: string,
  { state, body, expiresAtMs }: { state: 'ready' | 'failed'; body: Uint8Array | null; expiresAtMs: number }
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('export_job')
    .set({ state, body, expires_at_ms: BigInt(expiresAtMs) })
    .where('id', '=', id)
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

export async function deleteExpired(tx: Tx, nowMs: number): Promise<void> {
  await tx.deleteFrom('export_job').where('expires_at_ms', '<=', BigInt(nowMs)).execute()
}
