import { type Compilable, sql } from 'kysely'
import { assert } from '../lib/assert.js'
import { insertRows, updateIn, updateRows } from '../storage/compiled-once.js'
import type { Tx } from '../storage/tables.js'
import type { Changes, Head } from './book.js'
import type { Grant, Hold, Quota } from './model.js'
import { entryRow, grantRow, holdRow, quotaChange, receiptRow } from './rows.js'

/** Writes what a batch changed, each table once. */
export async function writeChanges(tx: Tx, changes: Changes): Promise<void> {
  await writeGrants(tx, changes)
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
  if (changes.repeats.size > 0) await writeRepeats(tx, changes)
  for (const { accountId, kind, reference, detail } of changes.details) {
    const row = { account_id: accountId, kind, reference, detail: JSON.stringify(detail) }
    await tx.insertInto('entry_detail').values(row).execute()
  }
  for (const [requestId, refunded] of changes.refunded) {
    await tx.updateTable('receipt').set({ refunded }).where('request_id', '=', requestId).execute()
  }
}

async function writeGrants(tx: Tx, { grants, grantsOpened }: Changes): Promise<void> {
  const opened: Grant[] = []
  const changed: Pick<Grant, 'id' | 'remaining' | 'held'>[] = []
  for (const grant of grants.values()) {
    if (grantsOpened.has(grant.id)) opened.push(grant)
    else changed.push({ id: grant.id, remaining: grant.remaining, held: grant.held })
  }
  if (opened.length > 0) await tx.insertInto('grant').values(opened.map(grantRow)).execute()
  const count = await updateRows(tx, changed, {
    table: 'grant',
    build: (rows) =>
      compilable(tx)`with new (id, remaining, held) as (values ${tuples(rows)})
        update "grant" set remaining = new.remaining, held = new.held from new where "grant".id = new.id`
  })
  assert(count === changed.length, 'a grant that changed is there')
}

/** A statement that Kysely has no words for. */
function compilable(tx: Tx) {
  return (...template: Parameters<typeof sql>): Compilable => ({ compile: () => sql(...template).compile(tx) })
}

function tuples(rows: readonly object[]) {
  return sql.join(rows.map((row) => sql`(${sql.join(Object.values(row))})`))
}

async function writeHeads(tx: Tx, heads: ReadonlyMap<string, Head>): Promise<void> {
  const rows = [...heads].map(([account_id, head]) => ({
    account_id,
    account_seq: head.accountSeq,
    head_hash: head.hash,
    mark: head.mark,
    warned: BigInt(head.warned)
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
            head_hash: eb.ref('excluded.head_hash'),
            mark: eb.ref('excluded.mark'),
            warned: eb.ref('excluded.warned')
          }))
        )
  })
}

/** Every key has its row from its first day. */
async function writeQuotas(tx: Tx, quotas: readonly Quota[]): Promise<void> {
  const rows = quotas.map(quotaChange)
  const count = await updateRows(tx, rows, {
    table: 'key_quota',
    build: (some) =>
      compilable(tx)`with new (key_id, period_start_ms, used, held, used_total, warned) as (values ${tuples(some)})
        update key_quota set period_start_ms = new.period_start_ms, used = new.used, held = new.held,
          used_total = new.used_total, warned = new.warned
        from new where key_quota.key_id = new.key_id`
  })
  assert(count === rows.length, 'a quota that changed is there')
}

/** Compare-and-set: a hold that is not `held` any more makes the whole batch fail, and nothing is written. */
async function resolveHolds(tx: Tx, holds: readonly Hold[]): Promise<void> {
  for (const state of ['settled', 'released'] as const) {
    const resolved = holds.filter((hold) => hold.state === state)
    const resolved_at_ms = BigInt(resolved[0]?.resolvedAtMs ?? 0)
    const changed = await updateIn(
      tx,
      resolved.map(({ requestId }) => requestId),
      {
        name: `hold:${state}`,
        set: [resolved_at_ms],
        build: (ids) =>
          tx
            .updateTable('hold')
            .set({ state: sql.lit(state), resolved_at_ms })
            .where('state', '=', sql.lit('held'))
            .where('request_id', 'in', ids)
      }
    )
    assert(changed === resolved.length, 'a hold is resolved once')
  }
}

async function writeRepeats(tx: Tx, changes: Changes): Promise<void> {
  for (const { accountId, repeatKey, requestId } of changes.repeats.values()) {
    const created_at_ms = BigInt(changes.holdsOpened.get(requestId)?.createdAtMs ?? 0)
    await tx
      .insertInto('idempotency')
      .values({ account_id: accountId, key_hash: repeatKey, request_id: requestId, created_at_ms })
      .onConflict((oc) => oc.columns(['account_id', 'key_hash']).doUpdateSet({ request_id: requestId, created_at_ms }))
      .execute()
  }
}
