import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

export async function insertAccount(db: Db, row: NewRow<'account'>): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('account')
    .values(row)
    .onConflict((oc) => oc.doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows === 1n
}

export function readAccounts(db: Db): Promise<Row<'account'>[]> {
  return db.selectFrom('account').selectAll().orderBy('created_at_ms').orderBy('id').execute()
}

export function readAccountByUsername(db: Db, username: string): Promise<Row<'account'> | undefined> {
  return db.selectFrom('account').selectAll().where('username', '=', username).executeTakeFirst()
}

export async function updateAccountLimits(tx: Tx, accountId: string, limits: string | null): Promise<void> {
  await tx.updateTable('account').set({ limits }).where('id', '=', accountId).execute()
}

export async function updateRole(tx: Tx, accountId: string, role: string): Promise<void> {
  await tx.updateTable('account').set({ role }).where('id', '=', accountId).execute()
}

export function readOwner(db: Db): Promise<Row<'account'> | undefined> {
  return db.selectFrom('account').selectAll().where('role', '=', 'owner').orderBy('created_at_ms').executeTakeFirst()
}
