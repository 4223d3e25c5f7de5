import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

export function readThrottle(db: Db, subject: string): Promise<Row<'throttle'> | undefined> {
  return db.selectFrom('throttle').selectAll().where('subject', '=', subject).executeTakeFirst()
}

export async function noteFailure(tx: Tx, row: NewRow<'throttle'>): Promise<void> {
  const { failures, until_ms, forget_at_ms } = row
  await tx
    .insertInto('throttle')
    .values(row)
    .onConflict((oc) => oc.column('subject').doUpdateSet({ failures, until_ms, forget_at_ms }))
    .execute()
}

export function forgetSubject(db: Db, subject: string): Promise<void> {
  return db.transaction().execute(async (tx) => {
    await tx.deleteFrom('throttle').where('subject', '=', subject).execute()
  })
}

export function deletePast(db: Db, nowMs: number): Promise<void> {
  return db.transaction().execute(async (tx) => {
    await tx.deleteFrom('throttle').where('forget_at_ms', '<=', BigInt(nowMs)).execute()
  })
}

export async function forgiveOne(tx: Tx, subject: string): Promise<void> {
  await tx
    .updateTable('throttle')
    .set((eb) => ({ failures: eb('failures', '-', 1n), until_ms: 0n }))
    .where('subject', '=', subject)
    .where('failures', '>', 0n)
    .execute()
}
