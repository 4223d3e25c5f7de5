import { sql } from 'kysely'
import { inParts, selectIn } from '../storage/compiled-once.js'
import type { Tx } from '../storage/tables.js'
import { type BookPages, type Head, repeatId, takenId } from './book.js'
import type { Charged, Grant, Hold, LedgerOp, Quota, Repeat } from './model.js'
import { toGrant, toHold, toQuota } from './rows.js'

/** Reads the pages that a batch touches as it stands at `nowMs`, each table once. */
export async function readPages(tx: Tx, ops: readonly LedgerOp[], nowMs: number): Promise<BookPages> {
  const accountIds = [...new Set(ops.map(({ accountId }) => accountId))]
  const charges = await readCharges(tx, of(ops, 'refund'))
  return {
    grants: await readTouchedGrants(tx, ops, { accountIds, charges, nowMs }),
    heads: await readHeads(tx, accountIds),
    quotas: await readQuotas(tx, keyIdsOf(ops, charges)),
    holds: await readHolds(
      tx,
      [...of(ops, 'settle'), ...of(ops, 'release')].map(({ requestId }) => requestId)
    ),
    charges,
    repeats: await readRepeats(tx, of(ops, 'hold')),
    taken: await readTaken(tx, [...of(ops, 'forfeit'), ...of(ops, 'adjust')])
  }
}

function of<K extends LedgerOp['kind']>(ops: readonly LedgerOp[], kind: K): Extract<LedgerOp, { kind: K }>[] {
  return ops.filter((op): op is Extract<LedgerOp, { kind: K }> => op.kind === kind)
}

/**
 * Holds and settles need what has something left, and for warnings all that this month gave; a grant,
 * its namesake; a refund, what it goes back to.
 */
async function readTouchedGrants(
  tx: Tx,
  ops: readonly LedgerOp[],
  { accountIds, charges, nowMs }: { accountIds: readonly string[]; charges: readonly Charged[]; nowMs: number }
): Promise<Grant[]> {
  const references = of(ops, 'grant').map(({ grant }) => grant.reference)
  const usable = await readUsable(tx, accountIds, nowMs)
  if (references.length === 0 && charges.length === 0) return usable
  const read = new Map(usable.map((grant) => [grant.id, grant]))
  const ids = [...new Set(charges.flatMap(({ taken }) => taken.map(({ grantId }) => grantId)))]
  for (const some of inParts(ids)) {
    const rows = await tx.selectFrom('grant').selectAll().where('id', 'in', some).execute()
    for (const row of rows) read.set(row.id, toGrant(row))
  }
  for (const some of inParts(references)) {
    const rows = await tx
      .selectFrom('grant')
      .selectAll()
      .where('account_id', 'in', accountIds)
      .where('reference', 'in', some)
      .execute()
    for (const row of rows) read.set(row.id, toGrant(row))
  }
  return [...read.values()]
}

/** The keys whose quotas these count on. */
export function keyIdsOf(ops: readonly LedgerOp[], charges: readonly Charged[]): string[] {
  const ids = new Set<string>()
  const add = ({ keyId, parentKeyId }: { keyId: string; parentKeyId: string | null }) => {
    ids.add(keyId)
    if (parentKeyId !== null) ids.add(parentKeyId)
  }
  for (const op of ops) if (op.kind === 'hold' || op.kind === 'settle' || op.kind === 'release') add(op)
  for (const charge of charges) add(charge)
  return [...ids]
}

/** Grants that have something left, and those of a subscription that were used up before their end. */
export async function readUsable(tx: Tx, accountIds: readonly string[], nowMs: number): Promise<Grant[]> {
  const rows = await selectIn(tx, accountIds, {
    table: 'grant',
    build: (ids) =>
      tx
        .selectFrom('grant')
        .selectAll()
        .where('account_id', 'in', ids)
        .where(sql<boolean>`(remaining > 0 or (kind = 'subscription' and expires_at_ms > ${nowMs}))`),
    last: [nowMs]
  })
  return rows.map(toGrant)
}

export async function readHeads(tx: Tx, accountIds: readonly string[]): Promise<Map<string, Head>> {
  const rows = await selectIn(tx, accountIds, {
    table: 'ledger_account',
    build: (ids) => tx.selectFrom('ledger_account').selectAll().where('account_id', 'in', ids)
  })
  return new Map(
    rows.map(({ account_id, account_seq, head_hash, mark, warned }) => [
      account_id,
      { accountSeq: account_seq, hash: head_hash, mark, warned: Number(warned) }
    ])
  )
}

export async function readQuotas(tx: Tx, keyIds: readonly string[]): Promise<Quota[]> {
  const rows = await selectIn(tx, keyIds, {
    table: 'key_quota',
    build: (ids) => tx.selectFrom('key_quota').selectAll().where('key_id', 'in', ids)
  })
  return rows.map(toQuota)
}

export async function readHolds(tx: Tx, requestIds: readonly string[]): Promise<Hold[]> {
  const rows = await selectIn(tx, requestIds, {
    table: 'hold',
    build: (ids) => tx.selectFrom('hold').selectAll().where('request_id', 'in', ids)
  })
  return rows.map(toHold)
}

/** The charges that are to be refunded, with the lines that took them. */
async function readCharges(tx: Tx, ops: readonly { requestId: string; accountId: string }[]): Promise<Charged[]> {
  const accounts = new Map(ops.map(({ requestId, accountId }) => [requestId, accountId]))
  const charges: Charged[] = []
  for (const ids of inParts([...accounts.keys()])) {
    const rows = await tx
      .selectFrom('receipt')
      .innerJoin('hold', 'hold.request_id', 'receipt.request_id')
      .select(['receipt.request_id', 'receipt.account_id', 'receipt.key_id', 'parent_key_id'])
      .select(['credits', 'refunded', 'settled_at_ms'])
      .where('receipt.request_id', 'in', ids)
      .execute()
    const lines = await tx
      .selectFrom('entry')
      .select(['reference', 'grant_id', 'amount'])
      .where('reference', 'in', ids)
      .where('kind', '=', 'spend')
      .execute()
    for (const row of rows) {
      if (accounts.get(row.request_id) !== row.account_id) continue
      const own = lines.filter(({ reference, amount }) => reference === row.request_id && amount < 0n)
      charges.push({
        requestId: row.request_id,
        keyId: row.key_id,
        parentKeyId: row.parent_key_id,
        credits: row.credits,
        refunded: row.refunded,
        settledAtMs: Number(row.settled_at_ms),
        taken: own.map(({ grant_id, amount }) => ({ grantId: grant_id ?? '', amount: -amount }))
      })
    }
  }
  return charges
}

/** What the callers' own keys of these calls stand for. */
export async function readRepeats(
  tx: Tx,
  ops: readonly { accountId: string; repeatKey: string | null }[]
): Promise<Map<string, Repeat>> {
  const repeats = new Map<string, Repeat>()
  for (const { accountId, repeatKey } of ops) {
    if (repeatKey === null) continue
    const row = await tx
      .selectFrom('idempotency')
      .innerJoin('hold', 'hold.request_id', 'idempotency.request_id')
      .select(['idempotency.request_id', 'state', 'idempotency.created_at_ms'])
      .where('idempotency.account_id', '=', accountId)
      .where('key_hash', '=', repeatKey)
      .executeTakeFirst()
    if (!row) continue
    const { request_id: requestId, state, created_at_ms } = row
    const repeat = { requestId, state: state as Hold['state'], createdAtMs: Number(created_at_ms) }
    repeats.set(repeatId({ accountId, repeatKey }), repeat)
  }
  return repeats
}

/** Which of these references have taken something before. */
async function readTaken(
  tx: Tx,
  ops: readonly { accountId: string; kind: 'forfeit' | 'adjust'; reference: string }[]
): Promise<Set<string>> {
  const taken = new Set<string>()
  for (const { accountId, kind, reference } of ops) {
    const row = await tx
      .selectFrom('entry')
      .select('account_seq')
      .where('account_id', '=', accountId)
      .where('reference', '=', reference)
      .where('kind', '=', kind)
      .executeTakeFirst()
    if (row) taken.add(takenId({ accountId, kind, reference }))
  }
  return taken
}
