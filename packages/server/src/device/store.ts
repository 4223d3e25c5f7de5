import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

export type GrantRow = Row<'device_grant'>

export async function insertGrant(tx: Tx, row: NewRow<'device_grant'>): Promise<void> {
  await tx.insertInto('device_grant').values(row).execute()
}

export function readByDevice(db: Db, deviceHash: string): Promise<GrantRow | undefined> {
  return db.selectFrom('device_grant').selectAll().where('device_hash', '=', deviceHash).executeTakeFirst()
}

export function readByUserCode(db: Db, userHash: string): Promise<GrantRow | undefined> {
  return db.selectFrom('device_grant').selectAll().where('user_hash', '=', userHash).executeTakeFirst()
}

export function readGrant(db: Db, id: string): Promise<GrantRow | undefined> {
  return db.selectFrom('device_grant').selectAll().where('id', '=', id).executeTakeFirst()
}

/** The first browser session that opens it has it; false where another one has. */
export async function bindGrant(tx: Tx, id: string, sessionId: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('device_grant')
    .set({ session_id: sessionId })
    .where('id', '=', id)
    .where((eb) => eb.or([eb('session_id', 'is', null), eb('session_id', '=', sessionId)]))
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

/** Decides what is pending and bound to this session; false where there is nothing left to decide. */
export async function decideGrant(
  tx: Tx,
  {
    id,
    sessionId,
    accountId,
    state,
    nowMs
  }: { id: string; sessionId: string; accountId: string; state: string; nowMs: number }
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('device_grant')
    .set({ state, account_id: accountId })
    .where('id', '=', id)
    .where('session_id', '=', sessionId)
    .where('state', '=', 'pending')
    .where('expires_at_ms', '>', BigInt(nowMs))
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

export async function notePoll(tx: Tx, id: string, set: { interval_s: bigint; polled_at_ms: bigint }): Promise<void> {
  await tx.updateTable('device_grant').set(set).where('id', '=', id).execute()
}

/** Takes what was approved, once. */
export async function redeemGrant(tx: Tx, id: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('device_grant')
    .set({ state: 'redeemed' })
    .where('id', '=', id)
    .where('state', '=', 'approved')
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

export async function deleteOldGrants(tx: Tx, beforeMs: number): Promise<void> {
  await tx.deleteFrom('device_grant').where('expires_at_ms', '<', BigInt(beforeMs)).execute()
}
