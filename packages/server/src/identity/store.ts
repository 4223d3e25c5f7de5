import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

export interface LoginRow {
  id: string
  username: string
  status: string
  hash: string | null
}

/** Who is meant by a username or an address, in any case, with the password to check. */
export function readLogin(db: Db, name: { usernameKey: string; emailKey: string }): Promise<LoginRow | undefined> {
  return db
    .selectFrom('account')
    .leftJoin('profile', 'profile.account_id', 'account.id')
    .leftJoin('password', 'password.account_id', 'account.id')
    .select(['account.id', 'username', 'status', 'hash'])
    .where((eb) => eb.or([eb('username_key', '=', name.usernameKey), eb('email_key', '=', name.emailKey)]))
    .executeTakeFirst()
}

export async function insertProfile(tx: Tx, row: NewRow<'profile'>): Promise<void> {
  await tx.insertInto('profile').values(row).execute()
}

export async function hasEmail(db: Db, emailKey: string): Promise<boolean> {
  return (
    (await db.selectFrom('profile').select('account_id').where('email_key', '=', emailKey).executeTakeFirst()) !==
    undefined
  )
}

export async function hasUsername(db: Db, usernameKey: string): Promise<boolean> {
  return (
    (await db.selectFrom('account').select('id').where('username_key', '=', usernameKey).executeTakeFirst()) !==
    undefined
  )
}

export function readProfile(db: Db, accountId: string): Promise<Row<'profile'> | undefined> {
  return db.selectFrom('profile').selectAll().where('account_id', '=', accountId).executeTakeFirst()
}

export function readPassword(db: Db, accountId: string): Promise<Row<'password'> | undefined> {
  return db.selectFrom('password').selectAll().where('account_id', '=', accountId).executeTakeFirst()
}

export async function putPassword(tx: Tx, row: NewRow<'password'>): Promise<void> {
  const { hash, changed_at_ms } = row
  await tx
    .insertInto('password')
    .values(row)
    .onConflict((oc) => oc.column('account_id').doUpdateSet({ hash, changed_at_ms }))
    .execute()
}

export async function updateEmail(
  tx: Tx,
  accountId: string,
  { email, email_key, email_verified_at_ms }: Pick<Row<'profile'>, 'email' | 'email_key' | 'email_verified_at_ms'>
): Promise<void> {
  const set = { email, email_key, email_verified_at_ms }
  await tx.updateTable('profile').set(set).where('account_id', '=', accountId).execute()
}

export async function updateUsername(tx: Tx, accountId: string, username: string): Promise<void> {
  await tx.updateTable('account').set({ username }).where('id', '=', accountId).execute()
}

export function readPerson(db: Db, accountId: string) {
  return db
    .selectFrom('account')
    .leftJoin('profile', 'profile.account_id', 'account.id')
    .leftJoin('password', 'password.account_id', 'account.id')
    .select(['account.id', 'username', 'role', 'plan', 'status', 'account.created_at_ms'])
    .select(['email', 'email_verified_at_ms', 'age', 'terms_version'])
    .select('password.changed_at_ms as password_changed_at_ms')
    .where('account.id', '=', accountId)
    .executeTakeFirst()
}

/** False where that version was accepted already, or nobody registered. */
export async function updateTerms(
  tx: Tx,
  accountId: string,
  { version, nowMs }: { version: string; nowMs: number }
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('profile')
    .set({ terms_version: version, terms_accepted_at_ms: BigInt(nowMs) })
    .where('account_id', '=', accountId)
    .where('terms_version', '!=', version)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}
