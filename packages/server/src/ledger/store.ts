import { creditsToJson, type Receipt } from '@caicaini/protocol'
import { sql } from 'kysely'
import type { Db, Row, Tx } from '../storage/tables.js'
import type { Grant, Hold } from './model.js'
import { toGrant, toHold } from './rows.js'

/** An account's grants that have something left. */
export async function readGrants(db: Db | Tx, accountId: string): Promise<Grant[]> {
  const rows = await db
    .selectFrom('grant')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('remaining', '>', 0n)
    .execute()
  return rows.map(toGrant)
}

/** Holds still open that these instances took, in any of the epochs up to the given one. */
export async function readOpenHolds(db: Db | Tx, instanceId: string, epochMax: bigint): Promise<Hold[]> {
  const rows = await db
    .selectFrom('hold')
    .selectAll()
    .where('state', '=', 'held')
    .where('instance_id', '=', instanceId)
    .where('epoch', '<=', epochMax)
    .execute()
  return rows.map(toHold)
}

/** A request's receipt, `pending` while its hold is open, undefined when the account has no such request. */
export async function readReceipt(db: Db, accountId: string, requestId: string): Promise<ReceiptLookup | undefined> {
  const row = await db
    .selectFrom('hold')
    .leftJoin('receipt', 'receipt.request_id', 'hold.request_id')
    .select(['hold.key_id', 'hold.parent_key_id', 'receipt.body', 'receipt.refunded'])
    .where('hold.request_id', '=', requestId)
    .where('hold.account_id', '=', accountId)
    .executeTakeFirst()
  if (!row) return undefined
  const receipt = row.body === null ? 'pending' : receiptOf({ body: row.body, refunded: row.refunded ?? 0n })
  return { keyIds: [row.key_id, row.parent_key_id ?? row.key_id], receipt }
}

export interface ReceiptLookup {
  /** The key that asked, and the one that it was derived from. */
  readonly keyIds: readonly string[]
  readonly receipt: Receipt | 'pending'
}

/** The receipt as it was settled, and what was given back of it since. */
export function receiptOf({ body, refunded }: Pick<Row<'receipt'>, 'body' | 'refunded'>): Receipt {
  const receipt = JSON.parse(body) as Receipt
  return refunded === 0n ? receipt : { ...receipt, refunded: creditsToJson(refunded) }
}

/** Accounts with grants whose end has come and that still have something unheld; at most `countMax`. */
export async function readExpiringAccounts(
  db: Db,
  { nowMs, countMax }: { nowMs: number; countMax: number }
): Promise<string[]> {
  const rows = await db
    .selectFrom('grant')
    .select('account_id')
    .distinct()
    .where('expires_at_ms', 'is not', null)
    .where('expires_at_ms', '<=', BigInt(nowMs))
    .where(sql<boolean>`remaining > 0`)
    .whereRef('remaining', '>', 'held')
    .limit(countMax)
    .execute()
  return rows.map(({ account_id }) => account_id)
}

/** Forgets the callers' own keys of calls made before `beforeMs`. */
export async function deleteOldRepeats(tx: Tx, beforeMs: number): Promise<void> {
  await tx.deleteFrom('idempotency').where('created_at_ms', '<', BigInt(beforeMs)).execute()
}
