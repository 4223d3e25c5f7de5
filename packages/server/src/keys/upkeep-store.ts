import { sql } from 'kysely'
import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

export async function noteUse(tx: Tx, row: NewRow<'key_use'>): Promise<void> {
  const { at_ms, address, client } = row
  await tx
    .insertInto('key_use')
    .values(row)
    .onConflict((oc) => oc.column('key_id').doUpdateSet({ at_ms, address, client }))
    .execute()
}

/** Where the keys of an account were last used from. */
export function readUses(db: Db, accountId: string): Promise<Row<'key_use'>[]> {
  return db
    .selectFrom('key_use')
    .innerJoin('api_key', 'api_key.id', 'key_use.key_id')
    .selectAll('key_use')
    .where('api_key.account_id', '=', accountId)
    .execute()
}

export async function insertFormer(tx: Tx, row: NewRow<'key_former'>): Promise<void> {
  await tx.insertInto('key_former').values(row).execute()
}

/** Ends the texts that a key had before, or one of them. */
export async function deleteFormers(tx: Tx, which: { keyId: string; hash?: string }): Promise<void> {
  let query = tx.deleteFrom('key_former').where('key_id', '=', which.keyId)
  if (which.hash !== undefined) query = query.where('hash', '=', which.hash)
  await query.execute()
}

/** Texts that ended so long ago that nobody needs to be told why they are refused. */
export async function deleteFormersBefore(tx: Tx, endMs: number): Promise<void> {
  await tx.deleteFrom('key_former').where('expires_at_ms', '<', BigInt(endMs)).execute()
}

/** Living keys whose text is from before `madeBeforeMs`, and of which nobody was told since `toldBeforeMs`. */
export function readOldKeys(
  tx: Tx,
  { madeBeforeMs, toldBeforeMs, nowMs, limit }: Record<'madeBeforeMs' | 'toldBeforeMs' | 'nowMs' | 'limit', number>
) {
  const made = sql<bigint>`coalesce(rotated_at_ms, api_key.created_at_ms)`
  return tx
    .selectFrom('api_key')
    .innerJoin('account', 'account.id', 'api_key.account_id')
    .select(['api_key.id', 'account_id', 'name', 'hint'])
    .select(made.as('made_at_ms'))
    .where('scope', '!=', 'local')
    .where('parent_id', 'is', null)
    .where('revoked_at_ms', 'is', null)
    .where('disabled_at_ms', 'is', null)
    .where('account.status', '=', 'active')
    .where((eb) => eb.or([eb('expires_at_ms', 'is', null), eb('expires_at_ms', '>', BigInt(nowMs))]))
    .where(made, '<', BigInt(madeBeforeMs))
    .where((eb) => eb.or([eb('old_told_at_ms', 'is', null), eb('old_told_at_ms', '<', BigInt(toldBeforeMs))]))
    .orderBy('api_key.id')
    .limit(limit)
    .execute()
}
