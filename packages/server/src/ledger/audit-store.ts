import { sql } from 'kysely'
import { inParts } from '../storage/compiled-once.js'
import type { Db, Row } from '../storage/tables.js'
import type { QuotaBooks } from './audit-rules.js'
import { EXPIRED } from './decide/take.js'
import type { Entry, Grant, Hold } from './model.js'
import { toEntry, toGrant, toHold } from './rows.js'

/* What the audit reads: everything, in parts that fit in memory. */

export async function readAccountIds(db: Db): Promise<string[]> {
  return (await db.selectFrom('account').select('id').orderBy('id').execute()).map(({ id }) => id)
}

export async function readHead(db: Db, accountId: string): Promise<{ accountSeq: bigint; hash: string } | undefined> {
  const row = await db.selectFrom('ledger_account').selectAll().where('account_id', '=', accountId).executeTakeFirst()
  return row && { accountSeq: row.account_seq, hash: row.head_hash }
}

/** The next entries of an account's chain. */
export async function readEntries(
  db: Db,
  accountId: string,
  { after, count }: { after: bigint; count: number }
): Promise<Entry[]> {
  const rows = await db
    .selectFrom('entry')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('account_seq', '>', after)
    .orderBy('account_seq')
    .limit(count)
    .execute()
  return rows.map(toEntry)
}

/** The details of these entries that have one of their own, by their number; an expiry's is always the same. */
export async function readDetails(
  db: Db,
  accountId: string,
  entries: readonly Entry[]
): Promise<Map<bigint, Record<string, string>>> {
  const details = new Map<bigint, Record<string, string>>()
  for (const { kind, accountSeq, reference } of entries) {
    if (kind === 'expire') details.set(accountSeq, EXPIRED)
    if (kind !== 'refund' && kind !== 'forfeit' && kind !== 'adjust') continue
    const row = await db
      .selectFrom('entry_detail')
      .select('detail')
      .where('account_id', '=', accountId)
      .where('kind', '=', kind)
      .where('reference', '=', reference)
      .executeTakeFirst()
    if (row) details.set(accountSeq, JSON.parse(row.detail))
  }
  return details
}

export async function readWholeGrants(db: Db, accountId: string): Promise<Grant[]> {
  const rows = await db.selectFrom('grant').selectAll().where('account_id', '=', accountId).execute()
  return rows.map(toGrant)
}

export async function readOpenHoldsOf(db: Db, accountId: string): Promise<Hold[]> {
  const rows = await db
    .selectFrom('hold')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('state', '=', 'held')
    .execute()
  return rows.map(toHold)
}

/** A hold and its receipt, as they are stored. */
export interface ChargeRow {
  readonly hold: Hold
  readonly receipt: Row<'receipt'>
}

export async function readChargeRows(db: Db, requestIds: readonly string[]): Promise<Map<string, ChargeRow>> {
  const found = new Map<string, ChargeRow>()
  for (const ids of inParts(requestIds)) {
    const holds = await db.selectFrom('hold').selectAll().where('request_id', 'in', ids).execute()
    const receipts = await db.selectFrom('receipt').selectAll().where('request_id', 'in', ids).execute()
    const holdOf = new Map(holds.map((row) => [row.request_id, toHold(row)]))
    for (const receipt of receipts) {
      const hold = holdOf.get(receipt.request_id)
      if (hold) found.set(receipt.request_id, { hold, receipt })
    }
  }
  return found
}

/** A hold, what its receipt says, and whether the book has lines of it. */
export interface HoldRow {
  readonly requestId: string
  readonly accountId: string
  readonly state: Hold['state']
  /** null: there is no receipt. */
  readonly status: string | null
  readonly credits: bigint
  readonly isEntered: boolean
  /** Whether the receipt is of the hold's account and key. */
  readonly isOwn: boolean
}

/** The next holds of all accounts, in the order of their ids. */
export async function readHoldRows(db: Db, { after, count }: { after: string; count: number }): Promise<HoldRow[]> {
  const rows = await db
    .selectFrom('hold')
    .leftJoin('receipt', 'receipt.request_id', 'hold.request_id')
    .select(['hold.request_id', 'hold.account_id', 'hold.key_id', 'hold.state', 'receipt.status', 'receipt.credits'])
    .select(['receipt.account_id as receipt_account_id', 'receipt.key_id as receipt_key_id'])
    .select(
      sql<bigint>`exists (select 1 from entry where entry.reference = hold.request_id and entry.kind = 'spend')`.as(
        'is_entered'
      )
    )
    .where('hold.request_id', '>', after)
    .orderBy('hold.request_id')
    .limit(count)
    .execute()
  return rows.map((row) => ({
    requestId: row.request_id,
    accountId: row.account_id,
    state: row.state as Hold['state'],
    status: row.status,
    credits: row.credits ?? 0n,
    isEntered: row.is_entered === 1n,
    isOwn: row.status === null || (row.receipt_account_id === row.account_id && row.receipt_key_id === row.key_id)
  }))
}

/** What was given back, by account and request. */
export async function readRefunds(db: Db): Promise<Map<string, Map<string, bigint>>> {
  const rows = await db
    .selectFrom('receipt')
    .select(['account_id', 'request_id', 'refunded'])
    .where(sql<boolean>`refunded > 0`)
    .execute()
  const refunds = new Map<string, Map<string, bigint>>()
  for (const { account_id, request_id, refunded } of rows) {
    const own = refunds.get(account_id) ?? new Map<string, bigint>()
    refunds.set(account_id, own.set(request_id, refunded))
  }
  return refunds
}

export async function readKeyQuotas(db: Db, accountId: string): Promise<QuotaBooks[]> {
  const rows = await db
    .selectFrom('key_quota')
    .innerJoin('api_key', 'api_key.id', 'key_quota.key_id')
    .select(['key_quota.key_id', 'used', 'used_total', 'held', 'period', 'period_start_ms'])
    .where('api_key.account_id', '=', accountId)
    .execute()
  return rows.map(({ key_id: keyId, used, used_total: usedTotal, held, period, period_start_ms }) => ({
    keyId,
    used,
    usedTotal,
    held,
    period,
    periodStartMs: period_start_ms
  }))
}

/** Open holds in the name of a run that has ended, or never was: nobody would resolve them. */
export async function readOrphanedHolds(db: Db): Promise<{ requestId: string; instanceId: string }[]> {
  const rows = await db
    .selectFrom('hold')
    .leftJoin('instance', 'instance.id', 'hold.instance_id')
    .select(['hold.request_id', 'hold.instance_id'])
    .where('hold.state', '=', 'held')
    .where((eb) => eb.or([eb('instance.id', 'is', null), eb('instance.ended_at_ms', 'is not', null)]))
    .execute()
  return rows.map(({ request_id, instance_id }) => ({ requestId: request_id, instanceId: instance_id }))
}
