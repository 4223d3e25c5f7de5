import type { Receipt } from '@caicaini/protocol'
import { sql } from 'kysely'
import { assert } from '../lib/assert.js'
import { inParts, insertRows, selectIn } from '../storage/compiled-once.js'
import type { Db, Row, Tx } from '../storage/tables.js'
import type { BookPages, Changes, Head } from './book.js'
import type { Entry, EntryKind, Grant, GrantKind, Hold, LedgerOp, Quota, StoredReceipt } from './model.js'

/** Reads the pages that a batch touches, each table once. */
export async function readPages(tx: Tx, ops: readonly LedgerOp[]): Promise<BookPages> {
  const accountIds = [...new Set(ops.map(({ accountId }) => accountId))]
  const keyIds = [...new Set(ops.flatMap((op) => (op.kind === 'grant' ? [] : [op.keyId])))]
  const requestIds = ops.flatMap((op) => (op.kind === 'settle' || op.kind === 'release' ? [op.requestId] : []))
  const references = ops.flatMap((op) => (op.kind === 'grant' ? [op.grant.reference] : []))
  return {
    grants: references.length > 0 ? await readGrants(tx, accountIds, references) : await readUsable(tx, accountIds),
    heads: await readHeads(tx, accountIds),
    quotas: await readQuotas(tx, keyIds),
    holds: await readHolds(tx, requestIds)
  }
}

/** Writes what a batch changed, each table once. */
export async function writeChanges(tx: Tx, changes: Changes): Promise<void> {
  await writeGrants(tx, [...changes.grants.values()])
  await writeHeads(tx, changes.heads)
  await writeQuotas(tx, [...changes.quotas.values()])
  // A hold opened and resolved in one batch is written as it ended.
  const opened = [...changes.holdsOpened.values()].map((hold) => changes.holdsResolved.get(hold.requestId) ?? hold)
  await insertRows(tx, opened.map(holdRow), { table: 'hold', build: (rows) => tx.insertInto('hold').values(rows) })
  await resolveHolds(
    tx,
    [...changes.holdsResolved.values()].filter((hold) => !changes.holdsOpened.has(hold.requestId))
  )
  await insertRows(tx, changes.entries.map(entryRow), {
    table: 'entry',
    build: (rows) => tx.insertInto('entry').values(rows)
  })
  await insertRows(tx, changes.receipts.map(receiptRow), {
    table: 'receipt',
    build: (rows) => tx.insertInto('receipt').values(rows)
  })
}

export async function readGrants(
  db: Db | Tx,
  accountIds: readonly string[],
  references: readonly string[] = []
): Promise<Grant[]> {
  const rows = await db
    .selectFrom('grant')
    .selectAll()
    .where('account_id', 'in', accountIds)
    .where((eb) =>
      eb.or([eb('remaining', '>', 0n), ...(references.length > 0 ? [eb('reference', 'in', references)] : [])])
    )
    .execute()
  return rows.map(toGrant)
}

/** Grants that have something left: all that holds and settles need. */
async function readUsable(tx: Tx, accountIds: readonly string[]): Promise<Grant[]> {
  const rows = await selectIn(tx, accountIds, {
    table: 'grant',
    build: (ids) => tx.selectFrom('grant').selectAll().where('account_id', 'in', ids).where(sql<boolean>`remaining > 0`)
  })
  return rows.map(toGrant)
}

async function readHeads(tx: Tx, accountIds: readonly string[]): Promise<Map<string, Head>> {
  const rows = await selectIn(tx, accountIds, {
    table: 'ledger_account',
    build: (ids) => tx.selectFrom('ledger_account').selectAll().where('account_id', 'in', ids)
  })
  return new Map(rows.map((row) => [row.account_id, { accountSeq: row.account_seq, hash: row.head_hash }]))
}

async function readQuotas(tx: Tx, keyIds: readonly string[]): Promise<Quota[]> {
  const rows = await selectIn(tx, keyIds, {
    table: 'key_quota',
    build: (ids) => tx.selectFrom('key_quota').selectAll().where('key_id', 'in', ids)
  })
  return rows.map(({ key_id, credit_limit, used, held }) => ({ keyId: key_id, limit: credit_limit, used, held }))
}

async function readHolds(tx: Tx, requestIds: readonly string[]): Promise<Hold[]> {
  const rows = await selectIn(tx, requestIds, {
    table: 'hold',
    build: (ids) => tx.selectFrom('hold').selectAll().where('request_id', 'in', ids)
  })
  return rows.map(toHold)
}

async function writeGrants(tx: Tx, grants: readonly Grant[]): Promise<void> {
  await insertRows(tx, grants.map(grantRow), {
    table: 'grant',
    build: (rows) =>
      tx
        .insertInto('grant')
        .values(rows)
        .onConflict((oc) =>
          oc
            .column('id')
            .doUpdateSet((eb) => ({ remaining: eb.ref('excluded.remaining'), held: eb.ref('excluded.held') }))
        )
  })
}

async function writeHeads(tx: Tx, heads: ReadonlyMap<string, Head>): Promise<void> {
  const rows = [...heads].map(([account_id, head]) => ({
    account_id,
    account_seq: head.accountSeq,
    head_hash: head.hash
  }))
  await insertRows(tx, rows, {
    table: 'ledger_account',
    build: (some) =>
      tx
        .insertInto('ledger_account')
        .values(some)
        .onConflict((oc) =>
          oc.column('account_id').doUpdateSet((eb) => ({
            account_seq: eb.ref('excluded.account_seq'),
            head_hash: eb.ref('excluded.head_hash')
          }))
        )
  })
}

async function writeQuotas(tx: Tx, quotas: readonly Quota[]): Promise<void> {
  // Every key has its row from its first day: the insert never happens, the update does for all at once.
  const rows = quotas.map(({ keyId, limit, used, held }) => ({
    key_id: keyId,
    period: 'life',
    period_start_ms: 0n,
    credit_limit: limit,
    used,
    held
  }))
  await insertRows(tx, rows, {
    table: 'key_quota',
    build: (some) =>
      tx
        .insertInto('key_quota')
        .values(some)
        .onConflict((oc) =>
          oc.column('key_id').doUpdateSet((eb) => ({ used: eb.ref('excluded.used'), held: eb.ref('excluded.held') }))
        )
  })
}

/** Compare-and-set: a hold that is not `held` any more makes the whole batch fail, and nothing is written. */
async function resolveHolds(tx: Tx, holds: readonly Hold[]): Promise<void> {
  for (const state of ['settled', 'released'] as const) {
    const resolved = holds.filter((hold) => hold.state === state).map(({ requestId }) => requestId)
    for (const ids of inParts(resolved)) {
      const { numUpdatedRows } = await tx
        .updateTable('hold')
        .set({ state, resolved_at_ms: BigInt(holds[0]?.resolvedAtMs ?? 0) })
        .where('request_id', 'in', ids)
        .where('state', '=', 'held')
        .executeTakeFirstOrThrow()
      assert(numUpdatedRows === BigInt(ids.length), 'a hold is resolved once')
    }
  }
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
    .select(['hold.key_id', 'receipt.body'])
    .where('hold.request_id', '=', requestId)
    .where('hold.account_id', '=', accountId)
    .executeTakeFirst()
  if (!row) return undefined
  return { keyId: row.key_id, receipt: row.body === null ? 'pending' : (JSON.parse(row.body) as Receipt) }
}

export interface ReceiptLookup {
  readonly keyId: string
  readonly receipt: Receipt | 'pending'
}

export function toGrant(row: Row<'grant'>): Grant {
  return {
    id: row.id,
    accountId: row.account_id,
    kind: row.kind as GrantKind,
    amount: row.amount,
    remaining: row.remaining,
    held: row.held,
    startsAtMs: Number(row.starts_at_ms),
    expiresAtMs: row.expires_at_ms === null ? null : Number(row.expires_at_ms),
    reference: row.reference,
    detail: JSON.parse(row.detail),
    createdAtMs: Number(row.created_at_ms)
  }
}

function grantRow(grant: Grant): Row<'grant'> {
  return {
    id: grant.id,
    account_id: grant.accountId,
    kind: grant.kind,
    amount: grant.amount,
    remaining: grant.remaining,
    held: grant.held,
    starts_at_ms: BigInt(grant.startsAtMs),
    expires_at_ms: grant.expiresAtMs === null ? null : BigInt(grant.expiresAtMs),
    reference: grant.reference,
    detail: JSON.stringify(grant.detail),
    created_at_ms: BigInt(grant.createdAtMs)
  }
}

export function toHold(row: Row<'hold'>): Hold {
  const allocation = JSON.parse(row.allocation) as [string, string][]
  return {
    requestId: row.request_id,
    accountId: row.account_id,
    keyId: row.key_id,
    instanceId: row.instance_id,
    epoch: row.epoch,
    state: row.state as Hold['state'],
    amount: row.amount,
    allocation: allocation.map(([grantId, amount]) => ({ grantId, amount: BigInt(amount) })),
    context: JSON.parse(row.context),
    createdAtMs: Number(row.created_at_ms),
    resolvedAtMs: row.resolved_at_ms === null ? null : Number(row.resolved_at_ms)
  }
}

function holdRow(hold: Hold): Row<'hold'> {
  return {
    request_id: hold.requestId,
    account_id: hold.accountId,
    key_id: hold.keyId,
    instance_id: hold.instanceId,
    epoch: hold.epoch,
    state: hold.state,
    amount: hold.amount,
    allocation: JSON.stringify(hold.allocation.map(({ grantId, amount }) => [grantId, amount.toString()])),
    context: JSON.stringify(hold.context),
    created_at_ms: BigInt(hold.createdAtMs),
    resolved_at_ms: hold.resolvedAtMs === null ? null : BigInt(hold.resolvedAtMs)
  }
}

function receiptRow({ accountId, keyId, credits, uncollected, settledAtMs, receipt }: StoredReceipt): Row<'receipt'> {
  return {
    request_id: receipt.request_id,
    account_id: accountId,
    key_id: keyId,
    status: receipt.status,
    model_used: receipt.model_used,
    provider: receipt.provider,
    credits,
    uncollected,
    settled_at_ms: BigInt(settledAtMs),
    body: JSON.stringify(receipt)
  }
}

export function toEntry(row: Row<'entry'>): Entry {
  return {
    accountId: row.account_id,
    accountSeq: row.account_seq,
    kind: row.kind as EntryKind,
    grantId: row.grant_id,
    reference: row.reference,
    amount: row.amount,
    detailHash: row.detail_hash,
    prevHash: row.prev_hash,
    hash: row.hash,
    createdAtMs: Number(row.created_at_ms)
  }
}

function entryRow(entry: Entry): Row<'entry'> {
  return {
    account_id: entry.accountId,
    account_seq: entry.accountSeq,
    kind: entry.kind,
    grant_id: entry.grantId,
    reference: entry.reference,
    amount: entry.amount,
    detail_hash: entry.detailHash,
    prev_hash: entry.prevHash,
    hash: entry.hash,
    created_at_ms: BigInt(entry.createdAtMs)
  }
}
