import type { Db, Row } from '../storage/tables.js'

/** Asks each of these servers to read its catalog file again. */
export async function insertAsks(db: Db, { ids, nowMs }: { ids: readonly string[]; nowMs: number }): Promise<void> {
  if (ids.length === 0) return
  const asked = { asked_at_ms: BigInt(nowMs), answered_at_ms: null, fault: null }
  await db.transaction().execute((tx) =>
    tx
      .insertInto('catalog_reload')
      .values(ids.map((instance_id) => ({ instance_id, ...asked })))
      .onConflict((oc) => oc.column('instance_id').doUpdateSet(asked))
      .execute()
  )
}

export function readAsks(db: Db, ids: readonly string[]): Promise<Row<'catalog_reload'>[]> {
  return db.selectFrom('catalog_reload').selectAll().where('instance_id', 'in', ids).execute()
}

export async function isAsked(db: Db, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('catalog_reload')
    .select('instance_id')
    .where('instance_id', '=', id)
    .where('answered_at_ms', 'is', null)
    .executeTakeFirst()
  return row !== undefined
}

export async function answerAsk(
  db: Db,
  { id, nowMs, fault }: { id: string; nowMs: number; fault: string | null }
): Promise<void> {
  await db.transaction().execute((tx) =>
    tx
      .updateTable('catalog_reload')
      .set({ answered_at_ms: BigInt(nowMs), fault })
      .where('instance_id', '=', id)
      .execute()
  )
}
