import { sql } from 'kysely'
import type { Period } from '../lib/period.js'
import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

/** A key beside its quota and the account it speaks for. */
export type KeyRow = Row<'api_key'> & {
  period: string
  period_start_ms: bigint
  credit_limit: bigint
  used: bigint
  parent_expires_at_ms: bigint | null
  parent_disabled_at_ms: bigint | null
  parent_revoked_at_ms: bigint | null
  username: string
  role: string
  plan: string
  tier: string
  account_status: string
  standing_reason: string | null
  /** JSON, as in the account's row. */
  account_limits: string | null
  /** Until when the last of the texts is good that the key had before. */
  former_until_ms: bigint | null
  /** Where the key was found by such a text: until when that one is. */
  text_until_ms?: bigint
}

function selectKeys(db: Db | Tx) {
  return db
    .selectFrom('api_key')
    .innerJoin('key_quota', 'key_quota.key_id', 'api_key.id')
    .innerJoin('account', 'account.id', 'api_key.account_id')
    .leftJoin('api_key as parent', 'parent.id', 'api_key.parent_id')
    .selectAll('api_key')
    .select(['period', 'period_start_ms', 'credit_limit', 'used'])
    .select([
      'parent.expires_at_ms as parent_expires_at_ms',
      'parent.disabled_at_ms as parent_disabled_at_ms',
      'parent.revoked_at_ms as parent_revoked_at_ms'
    ])
    .select(['username', 'role', 'plan', 'tier'])
    .select(['account.status as account_status', 'standing_reason', 'account.limits as account_limits'])
    .select((eb) =>
      eb
        .selectFrom('key_former')
        .select(({ fn }) => fn.max('key_former.expires_at_ms').as('until'))
        .whereRef('key_former.key_id', '=', 'api_key.id')
        .as('former_until_ms')
    )
}

/** The key of this text's hash, also by a text that it had before it was rotated. */
export async function readKeyByHash(db: Db, hash: string): Promise<KeyRow | undefined> {
  const row = await selectKeys(db).where('api_key.hash', '=', hash).executeTakeFirst()
  return row ?? readKeyByFormer(db, hash)
}

function readKeyByFormer(db: Db, hash: string): Promise<KeyRow | undefined> {
  return selectKeys(db)
    .innerJoin('key_former as text', 'text.key_id', 'api_key.id')
    .select('text.expires_at_ms as text_until_ms')
    .where('text.hash', '=', hash)
    .executeTakeFirst()
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

/** An account's keys that people made, oldest first; neither the local owner's own nor those of sessions. */
export function readKeys(db: Db, accountId: string): Promise<KeyRow[]> {
  return selectKeys(db)
    .where('api_key.account_id', '=', accountId)
    .where('api_key.scope', '!=', 'local')
    .where('api_key.parent_id', 'is', null)
    .orderBy('api_key.created_at_ms')
    .orderBy('api_key.id')
    .execute()
}

/** Keys that people made and did not revoke, those of sessions aside; one that is disabled can be enabled again, and counts. */
export async function countKeys(tx: Tx, accountId: string): Promise<number> {
  const { keys } = await tx
    .selectFrom('api_key')
    .select(({ fn }) => fn.countAll<bigint>().as('keys'))
    .where('account_id', '=', accountId)
    .where('scope', '!=', 'local')
    .where('parent_id', 'is', null)
    .where('revoked_at_ms', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(keys)
}

/** The session keys derived from a key, newest first. */
export function readSessions(db: Db | Tx, parentId: string, countMax: number): Promise<KeyRow[]> {
  return selectKeys(db)
    .where('api_key.parent_id', '=', parentId)
    .orderBy('api_key.created_at_ms', 'desc')
    .orderBy('api_key.id', 'desc')
    .limit(countMax)
    .execute()
}

/** How many of a key's session keys still live. */
export async function countLiveSessions(tx: Tx, parentId: string, nowMs: number): Promise<number> {
  const row = await tx
    .selectFrom('api_key')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('parent_id', '=', parentId)
    .where('revoked_at_ms', 'is', null)
    .where((eb) => eb.or([eb('expires_at_ms', 'is', null), eb('expires_at_ms', '>', BigInt(nowMs))]))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

export async function insertKey(tx: Tx, row: NewRow<'api_key'>, quota: NewQuota): Promise<void> {
  await tx.insertInto('api_key').values(row).execute()
  await tx
    .insertInto('key_quota')
    .values({
      key_id: row.id,
      period: quota.period,
      period_start_ms: row.created_at_ms,
      credit_limit: quota.limit,
      used: 0n,
      held: 0n,
      used_total: 0n,
      warned: 0n
    })
    .execute()
}

export interface NewQuota {
  /** Micro-credits; 0 = no limit. */
  readonly limit: bigint
  readonly period: Period
}

export async function updateKey(tx: Tx, keyId: string, set: Partial<NewRow<'api_key'>>): Promise<void> {
  await tx.updateTable('api_key').set(set).where('id', '=', keyId).execute()
}

/** Another limit: what it is near to is to be said anew. */
export async function updateQuotaLimit(tx: Tx, keyId: string, creditLimit: bigint): Promise<void> {
  await tx.updateTable('key_quota').set({ credit_limit: creditLimit, warned: 0n }).where('key_id', '=', keyId).execute()
}

/** Another period, with what the key and its session keys have spent since it began. */
export async function updateQuotaPeriod(
  tx: Tx,
  keyId: string,
  { period, startMs }: { period: Period; startMs: number }
): Promise<void> {
  const spent = tx
    .selectFrom('receipt')
    .innerJoin('api_key', 'api_key.id', 'receipt.key_id')
    .select(sql<bigint>`coalesce(sum(credits - refunded), 0)`.as('spent'))
    .where('settled_at_ms', '>=', BigInt(startMs))
    .where((eb) => eb.or([eb('api_key.id', '=', keyId), eb('api_key.parent_id', '=', keyId)]))
  const { spent: used } = await spent.executeTakeFirstOrThrow()
  await tx
    .updateTable('key_quota')
    .set((eb) => ({
      period,
      period_start_ms: BigInt(startMs),
      used: period === 'life' ? eb.ref('used_total') : used,
      warned: 0n
    }))
    .where('key_id', '=', keyId)
    .execute()
}

export async function revokeAll(tx: Tx, accountId: string, nowMs: number): Promise<void> {
  await tx
    .updateTable('api_key')
    .set({ revoked_at_ms: BigInt(nowMs) })
    .where('account_id', '=', accountId)
    .where('revoked_at_ms', 'is', null)
    .execute()
}
