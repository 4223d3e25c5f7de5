import { creditsToJson, type Receipt } from '@caicaini/protocol'
import { sql } from 'kysely'
import type { Db, Row, Tx } from '../storage/tables.js'
import type { Grant, Hold } from './model.js'
import type { AnswerEnd } from './reconcile.js'
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

/** A charge of a provider, nothing of it given back yet. */
export interface ProviderCharge extends AnswerEnd {
  readonly requestId: string
  readonly accountId: string
  readonly model: string
  readonly settledAtMs: number
  readonly credits: bigint
}

/** The charges of a provider in that time, a part of all receipts at a time, so that others get their turn in between. */
export async function* readProviderCharges(
  db: Db,
  { provider, fromMs, toMs }: { provider: string; fromMs: number; toMs: number }
): AsyncGenerator<ProviderCharge> {
  const PAGE = 2_000
  for (let after = ''; ; ) {
    const rows = await db
      .selectFrom('receipt')
      .select(['request_id', 'account_id', 'model_used', 'provider', 'settled_at_ms', 'credits', 'refunded'])
      .select(['status', 'output_tokens', 'stop_reason'])
      .where('request_id', '>', after)
      .orderBy('request_id')
      .limit(PAGE)
      .execute()
    for (const row of rows) {
      const settledAtMs = Number(row.settled_at_ms)
      const isAsked = row.provider === provider && settledAtMs >= fromMs && settledAtMs < toMs
      if (!isAsked || row.credits === 0n || row.refunded > 0n) continue
      yield {
        requestId: row.request_id,
        accountId: row.account_id,
        model: row.model_used,
        settledAtMs,
        credits: row.credits,
        status: row.status,
        outputTokens: Number(row.output_tokens),
        stopReason: row.stop_reason
      }
    }
    const last = rows.at(-1)
    if (!last || rows.length < PAGE) return
    after = last.request_id
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** An account's receipts, newest first, from the one after `before` on; `keyId` narrows to a key and its session keys. */
export async function readReceipts(
  db: Db,
  ask: { accountId: string; keyId?: string | undefined; sinceMs: number; before?: Cursor | undefined; count: number }
): Promise<Row<'receipt'>[]> {
  const { accountId, keyId, sinceMs, before, count } = ask
  let query = db
    .selectFrom('receipt')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('settled_at_ms', '>=', BigInt(sinceMs))
  if (keyId !== undefined) {
    query = query.where('key_id', 'in', (eb) =>
      eb
        .selectFrom('api_key')
        .select('id')
        .where((of) => of.or([of('id', '=', keyId), of('parent_id', '=', keyId)]))
    )
  }
  if (before) {
    const { settledAtMs, requestId } = before
    query = query.where((eb) =>
      eb.or([
        eb('settled_at_ms', '<', BigInt(settledAtMs)),
        eb.and([eb('settled_at_ms', '=', BigInt(settledAtMs)), eb('request_id', '<', requestId)])
      ])
    )
  }
  return query.orderBy('settled_at_ms', 'desc').orderBy('request_id', 'desc').limit(count).execute()
}

/** Where a page of receipts ended. */
export interface Cursor {
  readonly settledAtMs: number
  readonly requestId: string
}
