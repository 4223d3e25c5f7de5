import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

export function readTotp(db: Db, accountId: string): Promise<Row<'totp'> | undefined> {
  return db.selectFrom('totp').selectAll().where('account_id', '=', accountId).executeTakeFirst()
}

/** A new secret in the place of one that was never confirmed; false where one was. */
export async function putUnconfirmed(tx: Tx, row: NewRow<'totp'>): Promise<boolean> {
  const { secret, created_at_ms } = row
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('totp')
    .values(row)
    .onConflict((oc) =>
      oc.column('account_id').doUpdateSet({ secret, created_at_ms }).where('totp.confirmed_at_ms', 'is', null)
    )
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows === 1n
}

/** False where another request confirmed this secret first, or put another in its place. */
export async function confirmTotp(
  tx: Tx,
  { account_id, secret }: Pick<Row<'totp'>, 'account_id' | 'secret'>,
  { step, atMs }: { step: number; atMs: number }
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('totp')
    .set({ confirmed_at_ms: BigInt(atMs), last_step: BigInt(step) })
    .where('account_id', '=', account_id)
    .where('secret', '=', secret)
    .where('confirmed_at_ms', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

/** False where a code of this step, or of a later one, was taken already. */
export async function takeStep(tx: Tx, accountId: string, step: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('totp')
    .set({ last_step: BigInt(step) })
    .where('account_id', '=', accountId)
    .where('confirmed_at_ms', 'is not', null)
    .where('last_step', '<', BigInt(step))
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

export async function deleteTotp(tx: Tx, accountId: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('totp')
    .where('account_id', '=', accountId)
    .where('confirmed_at_ms', 'is not', null)
    .executeTakeFirstOrThrow()
  return numDeletedRows === 1n
}

export async function replaceCodes(tx: Tx, accountId: string, hashes: readonly string[], atMs: number): Promise<void> {
  await tx.deleteFrom('recovery_code').where('account_id', '=', accountId).execute()
  if (hashes.length === 0) return
  const created_at_ms = BigInt(atMs)
  await tx
    .insertInto('recovery_code')
    .values(hashes.map((hash) => ({ hash, account_id: accountId, created_at_ms })))
    .execute()
}

/** False for one that is not the account's, or was used before. */
export async function takeCode(
  tx: Tx,
  { accountId, hash, atMs }: { accountId: string; hash: string; atMs: number }
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('recovery_code')
    .set({ used_at_ms: BigInt(atMs) })
    .where('hash', '=', hash)
    .where('account_id', '=', accountId)
    .where('used_at_ms', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

export async function countCodesLeft(db: Db, accountId: string): Promise<number> {
  const { left } = await db
    .selectFrom('recovery_code')
    .select((eb) => eb.fn.countAll<bigint>().as('left'))
    .where('account_id', '=', accountId)
    .where('used_at_ms', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(left)
}

/** Whose second factor it is about; undefined where there is no such account, or it is closed. */
export function readSubject(tx: Tx, username: string) {
  return tx
    .selectFrom('account')
    .select(['id', 'role'])
    .where('username', '=', username)
    .where('status', '!=', 'closed')
    .executeTakeFirst()
}

/** Takes everything away by which an account proves itself beside its password; what there was of it in force. */
export async function deleteAll(
  tx: Tx,
  accountId: string
): Promise<{ hasApp: boolean; passkeys: number; codes: number }> {
  const codes = await countCodesLeft(tx, accountId)
  const hasApp = await deleteTotp(tx, accountId)
  // One that was never confirmed goes, too.
  await tx.deleteFrom('totp').where('account_id', '=', accountId).execute()
  const { numDeletedRows } = await tx
    .deleteFrom('passkey')
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow()
  await tx.deleteFrom('recovery_code').where('account_id', '=', accountId).execute()
  return { hasApp, passkeys: Number(numDeletedRows), codes }
}

/** Whether an account is asked for more than its password: it has an authenticator app or a passkey. */
export async function hasSecondFactor(db: Db, accountId: string): Promise<boolean> {
  const totp = await readTotp(db, accountId)
  return (totp !== undefined && totp.confirmed_at_ms !== null) || (await readPasskeys(db, accountId)).length > 0
}

/** Oldest first. */
export function readPasskeys(db: Db, accountId: string): Promise<Row<'passkey'>[]> {
  return db
    .selectFrom('passkey')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('created_at_ms')
    .orderBy('id')
    .execute()
}

/** A passkey of an account that is not closed. */
export function readPasskey(db: Db, id: string): Promise<Row<'passkey'> | undefined> {
  return db
    .selectFrom('passkey')
    .innerJoin('account', 'account.id', 'passkey.account_id')
    .selectAll('passkey')
    .where('passkey.id', '=', id)
    .where('account.status', '!=', 'closed')
    .executeTakeFirst()
}

/** False for a credential that somebody has registered already. */
export async function insertPasskey(tx: Tx, row: NewRow<'passkey'>): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('passkey')
    .values(row)
    .onConflict((oc) => oc.column('id').doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows === 1n
}

/** Counts a use; false where the passkey is gone, or a use of this count or a later one was taken before. */
export async function takeUse(
  tx: Tx,
  { id, counter, atMs }: { id: string; counter: number; atMs: number }
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('passkey')
    .set({ counter: BigInt(counter), last_used_at_ms: BigInt(atMs) })
    .where('id', '=', id)
    // Those that do not count always say 0.
    .where((eb) =>
      eb.or([eb('counter', '<', BigInt(counter)), eb.and([eb('counter', '=', 0n), eb.lit(counter === 0)])])
    )
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

interface OwnPasskey {
  readonly accountId: string
  readonly id: string
}

export async function renamePasskey(tx: Tx, { accountId, id }: OwnPasskey, name: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('passkey')
    .set({ name })
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

export async function deletePasskey(tx: Tx, { accountId, id }: OwnPasskey): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('passkey')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow()
  return numDeletedRows === 1n
}
