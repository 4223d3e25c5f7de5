import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

export async function insertLink(tx: Tx, row: NewRow<'mailed_link'>): Promise<void> {
  await tx.insertInto('mailed_link').values(row).execute()
}

/** A link that is still good. */
export function readLink(db: Db, hash: string, nowMs: number): Promise<Row<'mailed_link'> | undefined> {
  return db
    .selectFrom('mailed_link')
    .selectAll()
    .where('hash', '=', hash)
    .where('used_at_ms', 'is', null)
    .where('expires_at_ms', '>', BigInt(nowMs))
    .executeTakeFirst()
}

/** Uses it up; false where it was, or is over. */
export async function useLink(tx: Tx, hash: string, nowMs: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('mailed_link')
    .set({ used_at_ms: BigInt(nowMs) })
    .where('hash', '=', hash)
    .where('used_at_ms', 'is', null)
    .where('expires_at_ms', '>', BigInt(nowMs))
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

/** Makes links of these kinds good for nothing. */
export async function voidLinks(tx: Tx, accountId: string, kinds: readonly string[], nowMs: number): Promise<void> {
  await tx
    .updateTable('mailed_link')
    .set({ used_at_ms: BigInt(nowMs) })
    .where('account_id', '=', accountId)
    .where('kind', 'in', kinds)
    .where('used_at_ms', 'is', null)
    .execute()
}

export function deleteOldLinks(db: Db, beforeMs: number): Promise<void> {
  return db.transaction().execute(async (tx) => {
    await tx.deleteFrom('mailed_link').where('expires_at_ms', '<', BigInt(beforeMs)).execute()
  })
}
