import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

export type SessionRow = Row<'session'>

/** A session and the account that it is of. */
export interface KnownSessionRow extends SessionRow {
  username: string
  role: string
  plan: string
  tier: string
  status: string
  standing_reason: string | null
  limits: string | null
}

export async function insertSession(tx: Tx, row: NewRow<'session'>): Promise<void> {
  await tx.insertInto('session').values(row).execute()
}

export function readByAccess(db: Db, hash: string): Promise<KnownSessionRow | undefined> {
  return known(db).where('access_hash', '=', hash).executeTakeFirst()
}

/** By the refresh token in use, or by the one before it. */
export function readByRefresh(db: Db, hash: string): Promise<KnownSessionRow | undefined> {
  return known(db)
    .where((eb) => eb.or([eb('refresh_hash', '=', hash), eb('previous_hash', '=', hash)]))
    .executeTakeFirst()
}

export function readSession(db: Db, id: string): Promise<KnownSessionRow | undefined> {
  return known(db).where('session.id', '=', id).executeTakeFirst()
}

export async function readSpent(db: Db, hash: string): Promise<string | undefined> {
  const row = await db.selectFrom('session_spent').select('session_id').where('hash', '=', hash).executeTakeFirst()
  return row?.session_id
}

function known(db: Db) {
  return db
    .selectFrom('session')
    .innerJoin('account', 'account.id', 'session.account_id')
    .selectAll('session')
    .select(['username', 'role', 'plan', 'tier', 'status', 'standing_reason', 'limits'])
}

/** Puts the next tokens in the place of the present ones; false where another request has done so. */
export async function rotate(
  tx: Tx,
  { id, refresh_hash }: SessionRow,
  next: Pick<SessionRow, 'refresh_hash' | 'access_hash' | 'access_expires_at_ms' | 'rotated_at_ms'>
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('session')
    .set({ ...next, previous_hash: refresh_hash, last_used_at_ms: next.rotated_at_ms })
    .where('id', '=', id)
    .where('refresh_hash', '=', refresh_hash)
    .where('ended_at_ms', 'is', null)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) return false
  await tx.insertInto('session_spent').values({ hash: refresh_hash, session_id: id }).execute()
  return true
}

export function readLive(db: Db, accountId: string, nowMs: number): Promise<SessionRow[]> {
  return db
    .selectFrom('session')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('ended_at_ms', 'is', null)
    .where('expires_at_ms', '>', BigInt(nowMs))
    .orderBy('last_used_at_ms', 'desc')
    .execute()
}

/** Where an account was signed in from, the newest first; sessions that ended are among them for a while. */
export function readOrigins(tx: Tx, accountId: string): Promise<Pick<SessionRow, 'id' | 'agent' | 'address'>[]> {
  return tx
    .selectFrom('session')
    .select(['id', 'agent', 'address'])
    .where('account_id', '=', accountId)
    .orderBy('created_at_ms', 'desc')
    .limit(100)
    .execute()
}

export interface Ending {
  readonly atMs: number
  readonly reason: string
}

/** Ends one session of an account, or all but `except`; how many there were. */
export async function endSessions(
  tx: Tx,
  which: { readonly accountId: string; readonly id?: string; readonly except?: string | undefined },
  { atMs, reason }: Ending
): Promise<number> {
  let query = tx
    .updateTable('session')
    .set({ ended_at_ms: BigInt(atMs), end_reason: reason })
    .where('account_id', '=', which.accountId)
    .where('ended_at_ms', 'is', null)
  if (which.id !== undefined) query = query.where('id', '=', which.id)
  if (which.except !== undefined) query = query.where('id', '!=', which.except)
  return Number((await query.executeTakeFirstOrThrow()).numUpdatedRows)
}

export async function updateSession(
  tx: Tx,
  id: string,
  set: Partial<Pick<SessionRow, 'stepped_up_at_ms' | 'factors' | 'last_used_at_ms'>>
): Promise<void> {
  await tx.updateTable('session').set(set).where('id', '=', id).execute()
}

/** Rows that nobody needs any more: those that ended or expired before `beforeMs`. */
export async function deleteOld(tx: Tx, beforeMs: number): Promise<void> {
  await tx
    .deleteFrom('session')
    .where((eb) => eb.or([eb('ended_at_ms', '<', BigInt(beforeMs)), eb('expires_at_ms', '<', BigInt(beforeMs))]))
    .where('id', 'not in', (eb) =>
      eb
        .selectFrom('device_grant')
        .select('session_id')
        .where('session_id', 'is not', null)
        .$castTo<{ session_id: string }>()
    )
    .execute()
}

/** Whose account it is, and whether it may act. */
export function readAccount(tx: Tx, accountId: string) {
  return tx
    .selectFrom('account')
    .select(['username', 'status', 'standing_reason'])
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow()
}
