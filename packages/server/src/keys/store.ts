import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

/** A key beside its quota and the account it speaks for. */
export type KeyRow = Row<'api_key'> & {
  credit_limit: bigint
  used: bigint
  username: string
  role: string
  plan: string
  tier: string
  account_status: string
}

function selectKeys(db: Db | Tx) {
  return db
    .selectFrom('api_key')
    .innerJoin('key_quota', 'key_quota.key_id', 'api_key.id')
    .innerJoin('account', 'account.id', 'api_key.account_id')
    .selectAll('api_key')
    .select(['credit_limit', 'used', 'username', 'role', 'plan', 'tier', 'account.status as account_status'])
}

export function readKeyByHash(db: Db, hash: string): Promise<KeyRow | undefined> {
  return selectKeys(db).where('api_key.hash', '=', hash).executeTakeFirst()
}

export function readKey(db: Db | Tx, accountId: string, keyId: string): Promise<KeyRow | undefined> {
  return selectKeys(db).where('api_key.id', '=', keyId).where('api_key.account_id', '=', accountId).executeTakeFirst()
}

export function readLocalKey(db: Db | Tx, accountId: string): Promise<KeyRow | undefined> {
  return selectKeys(db)
    .where('api_key.scope', '=', 'local')
    .where('api_key.account_id', '=', accountId)
    .executeTakeFirst()
}

/** An account's keys that people made, oldest first; the local owner's own is not among them. */
export function readKeys(db: Db, accountId: string): Promise<KeyRow[]> {
  return selectKeys(db)
    .where('api_key.account_id', '=', accountId)
    .where('api_key.scope', '!=', 'local')
    .orderBy('api_key.created_at_ms')
    .orderBy('api_key.id')
    .execute()
}

export async function insertKey(tx: Tx, row: NewRow<'api_key'>, quota: bigint): Promise<void> {
  await tx.insertInto('api_key').values(row).execute()
  await tx
    .insertInto('key_quota')
    .values({
      key_id: row.id,
      period: 'life',
      period_start_ms: row.created_at_ms,
      credit_limit: quota,
      used: 0n,
      held: 0n
    })
    .execute()
}

export async function updateKey(tx: Tx, keyId: string, set: Partial<NewRow<'api_key'>>): Promise<void> {
  await tx.updateTable('api_key').set(set).where('id', '=', keyId).execute()
}

export async function updateQuotaLimit(tx: Tx, keyId: string, creditLimit: bigint): Promise<void> {
  await tx.updateTable('key_quota').set({ credit_limit: creditLimit }).where('key_id', '=', keyId).execute()
}
