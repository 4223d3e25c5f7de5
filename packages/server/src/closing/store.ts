import type { Db, Tx } from '../storage/tables.js'

export async function insertClosure(tx: Tx, accountId: string, nowMs: number): Promise<void> {
  await tx
    .insertInto('closure')
    .values({ account_id: accountId, closed_at_ms: BigInt(nowMs), purging: 0n })
    .execute()
}

/** False for an account that is closed already. */
export async function closeAccount(tx: Tx, accountId: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('account')
    .set({ status: 'closed' })
    .where('id', '=', accountId)
    .where('status', '!=', 'closed')
    .where('role', '!=', 'owner')
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

/** Accounts that were closed before `beforeMs` and have a name yet. */
export function readToAnonymise(db: Db, beforeMs: number, limit: number): Promise<{ account_id: string }[]> {
  return db
    .selectFrom('closure')
    .select('account_id')
    .where('closed_at_ms', '<=', BigInt(beforeMs))
    .where('anonymised_at_ms', 'is', null)
    .limit(limit)
    .execute()
}

/** What says who somebody is, or proves it. */
const PERSONAL = [
  'session',
  'profile',
  'password',
  'totp',
  'recovery_code',
  'passkey',
  'challenge',
  'mailed_link',
  'mail',
  'export_job',
  'withheld'
] as const

const keysOf = (tx: Tx, accountId: string) => tx.selectFrom('api_key').select('id').where('account_id', '=', accountId)

/** Everything that says who it was. What was paid and used stays, under the account's id alone: receipts are as they were hashed. */
export async function anonymise(
  tx: Tx,
  accountId: string,
  { username, nowMs }: { username: string; nowMs: number }
): Promise<void> {
  const grants = tx.selectFrom('session').select('id').where('account_id', '=', accountId)
  await tx.deleteFrom('device_grant').where('account_id', '=', accountId).execute()
  await tx.deleteFrom('device_grant').where('session_id', 'in', grants).execute()
  for (const table of PERSONAL) await tx.deleteFrom(table).where('account_id', '=', accountId).execute()
  await tx.deleteFrom('key_use').where('key_id', 'in', keysOf(tx, accountId)).execute()
  await tx
    .deleteFrom('event_origin')
    .where('event_id', 'in', tx.selectFrom('operator_event').select('id').where('actor_account_id', '=', accountId))
    .execute()
  // Keys' names are their owner's words.
  await tx.updateTable('api_key').set({ name: 'closed', hint: '' }).where('account_id', '=', accountId).execute()
  await tx.updateTable('account').set({ username }).where('id', '=', accountId).execute()
  await tx
    .updateTable('closure')
    .set({ anonymised_at_ms: BigInt(nowMs) })
    .where('account_id', '=', accountId)
    .execute()
}

/** Accounts whose financial trail has been kept long enough. */
export function readToPurge(db: Db, beforeMs: number, limit: number): Promise<{ account_id: string }[]> {
  return db
    .selectFrom('closure')
    .select('account_id')
    .where('closed_at_ms', '<=', BigInt(beforeMs))
    .where('anonymised_at_ms', 'is not', null)
    .where('purged_at_ms', 'is', null)
    .limit(limit)
    .execute()
}

/** Deletes what was paid and used: the whole of an account's book, so that no chain is left with a hole. */
export async function purge(tx: Tx, accountId: string, nowMs: number): Promise<void> {
  const set = (purging: bigint) =>
    tx.updateTable('closure').set({ purging }).where('account_id', '=', accountId).execute()
  await set(1n)
  await tx
    .deleteFrom('subscription_month')
    .where('subscription_id', 'in', tx.selectFrom('subscription').select('id').where('account_id', '=', accountId))
    .execute()
  for (const table of [
    'entry',
    'entry_detail',
    'receipt',
    'hold',
    'grant',
    'idempotency',
    'ledger_account',
    'subscription'
  ] as const)
    await tx.deleteFrom(table).where('account_id', '=', accountId).execute()
  for (const table of ['key_quota', 'key_former', 'key_use'] as const)
    await tx.deleteFrom(table).where('key_id', 'in', keysOf(tx, accountId)).execute()
  // Session keys name the key that they come from.
  await tx.deleteFrom('api_key').where('account_id', '=', accountId).where('parent_id', 'is not', null).execute()
  await tx.deleteFrom('api_key').where('account_id', '=', accountId).execute()
  await set(0n)
  await tx
    .updateTable('closure')
    .set({ purged_at_ms: BigInt(nowMs) })
    .where('account_id', '=', accountId)
    .execute()
}

/** Closed accounts that have credits left: what was held when they closed has come back. */
export function readLeftOver(db: Db): Promise<{ account_id: string }[]> {
  return db
    .selectFrom('closure')
    .innerJoin('grant', 'grant.account_id', 'closure.account_id')
    .select('closure.account_id')
    .distinct()
    .whereRef('grant.remaining', '>', 'grant.held')
    .execute()
}
