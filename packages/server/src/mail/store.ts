import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

export type MailRow = Row<'mail'>

export async function insertMail(tx: Tx, row: NewRow<'mail'>): Promise<void> {
  await tx.insertInto('mail').values(row).execute()
}

export interface Reader {
  username: string
  status: string
  email: string | null
  email_verified_at_ms: bigint | null
}

/** Whom a mail to an account reaches; undefined where there is no such account. */
export function readReader(db: Db, accountId: string): Promise<Reader | undefined> {
  return db
    .selectFrom('account')
    .leftJoin('profile', 'profile.account_id', 'account.id')
    .select(['username', 'status', 'email', 'email_verified_at_ms'])
    .where('account.id', '=', accountId)
    .executeTakeFirst()
}

/** The mail that has waited longest of those that may be tried now. */
export function readDue(db: Db, nowMs: number): Promise<MailRow | undefined> {
  return db
    .selectFrom('mail')
    .selectAll()
    .where('state', 'in', ['queued', 'sending'])
    .where('due_at_ms', '<=', BigInt(nowMs))
    .orderBy('due_at_ms')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
}

/** Takes a mail in hand; false where somebody else has been first. */
export async function claimMail(
  tx: Tx,
  { id, attempts, state }: MailRow,
  by: { readonly instanceId: string; readonly untilMs: number }
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('mail')
    .set({
      state: 'sending',
      attempts: attempts + 1n,
      due_at_ms: BigInt(by.untilMs),
      instance_id: by.instanceId
    })
    .where('id', '=', id)
    .where('state', '=', state)
    .where('attempts', '=', attempts)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

/** Ends a try that is still ours: of a mail that another has taken in hand since, nothing is written. */
export function endTry(
  db: Db,
  { id, attempts }: Pick<MailRow, 'id' | 'attempts'>,
  set: Partial<Pick<MailRow, 'state' | 'sealed' | 'due_at_ms' | 'ended_at_ms' | 'fault'>>
): Promise<void> {
  return db.transaction().execute(async (tx) => {
    await tx
      .updateTable('mail')
      .set({ ...set, instance_id: null })
      .where('id', '=', id)
      .where('state', '=', 'sending')
      .where('attempts', '=', attempts)
      .execute()
  })
}

/** Puts back what dead runs had in hand. */
export function freeOfDead(db: Db, nowMs: number): Promise<void> {
  return db.transaction().execute(async (tx) => {
    await tx
      .updateTable('mail')
      .set({ state: 'queued', instance_id: null, due_at_ms: BigInt(nowMs) })
      .where('state', '=', 'sending')
      .where('instance_id', 'not in', (eb) => eb.selectFrom('instance').select('id').where('ended_at_ms', 'is', null))
      .execute()
  })
}

export function deleteEnded(db: Db, beforeMs: number): Promise<void> {
  return db.transaction().execute(async (tx) => {
    await tx.deleteFrom('mail').where('ended_at_ms', '<', BigInt(beforeMs)).execute()
  })
}
