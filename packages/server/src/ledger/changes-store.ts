import { sql } from 'kysely'
import { assert } from '../lib/assert.js'
import { insertRows, updateIn } from '../storage/compiled-once.js'
import type { Tx } from '../storage/tables.js'
import type { Changes, Head } from './book.js'
import type { Grant, Hold, Quota } from './model.js'
import { entryRow, grantRow, holdRow, quotaRow, receiptRow } from './rows.js'

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
  if (changes.repeats.size > 0) await writeRepeats(tx, changes)
  for (const { accountId, kind, reference, detail } of changes.details) {
    const row = { account_id: accountId, kind, reference, detail: JSON.stringify(detail) }
    await tx.insertInto('entry_detail').values(row).execute()
  }
  for (const [requestId, refunded] of changes.refunded) {
    await tx.updateTable('receipt').set({ refunded }).where('request_id', '=', requestId).execute()
  }
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

async function writeQuotas(tx: Tx, quotas: readonly Quota[]): Promise<void> {
  // Every key has its row from its first day: the insert never happens, the update does for all at once.
  await insertRows(tx, quotas.map(quotaRow), {
    table: 'key_quota',
    build: (some) =>
      tx
        .insertInto('key_quota')
        .values(some)
        .onConflict((oc) =>
          oc.column('key_id').doUpdateSet((eb) => ({
            period_start_ms: eb.ref('excluded.period_start_ms'),
            used: eb.ref('excluded.used'),
            held: eb.ref('excluded.held'),
            used_total: eb.ref('excluded.used_total'),
            warned: eb.ref('excluded.warned')
          }))
        )
  })
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
