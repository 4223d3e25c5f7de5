import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What limits, refunds, repeats and reports of money need: quotas by period, session keys, one row of figures a request. */
export const money: Migration = {
  async up(db: Kysely<unknown>) {
    await addQuotaPeriods(db)
    await addSessionKeys(db)
    await addWarnings(db)
    await widenReceipt(db)
    await createIdempotency(db)
    await createEntryDetail(db)
    await db.schema
      .createIndex('receipt_refunded')
      .on('receipt')
      .column('request_id')
      .where(sql.ref('refunded'), '>', sql.lit(0))
      .execute()
    // Few grants are at their end at any time: finding them must not read the used-up ones.
    await db.schema
      .createIndex('grant_expiring')
      .on('grant')
      .column('expires_at_ms')
      .where(sql.ref('remaining'), '>', sql.lit(0))
      .where(sql.ref('expires_at_ms'), 'is not', null)
      .execute()
  }
}

async function addQuotaPeriods(db: Kysely<unknown>) {
  await db.schema
    .alterTable('key_quota')
    .addColumn('used_total', 'integer', (c) => c.notNull().defaultTo(0).check(sql`used_total >= 0`))
    .execute()
  await db.schema
    .alterTable('key_quota')
    .addColumn('warned', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  await sql`update key_quota set used_total = used`.execute(db)
}

async function addSessionKeys(db: Kysely<unknown>) {
  await db.schema
    .alterTable('api_key')
    .addColumn('parent_id', 'text', (c) => c.references('api_key.id'))
    .execute()
  await db.schema.createIndex('api_key_parent').on('api_key').column('parent_id').execute()
  await db.schema.alterTable('hold').addColumn('parent_key_id', 'text').execute()
}

/** `mark`: the balance after it last grew, which the warnings measure by; `warned`: the percent last told. */
async function addWarnings(db: Kysely<unknown>) {
  for (const column of ['mark', 'warned']) {
    await db.schema
      .alterTable('ledger_account')
      .addColumn(column, 'integer', (c) => c.notNull().defaultTo(0))
      .execute()
  }
  await sql`update ledger_account set mark =
    (select coalesce(sum(remaining), 0) from "grant" where "grant".account_id = ledger_account.account_id)`.execute(db)
}

async function widenReceipt(db: Kysely<unknown>) {
  const texts = ['model', 'client', 'agent', 'session', 'error_code', 'rate_version', 'stop_reason']
  const counts = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens', 'latency_ms', 'refunded']
  for (const column of texts) await db.schema.alterTable('receipt').addColumn(column, 'text').execute()
  for (const column of counts) {
    await db.schema
      .alterTable('receipt')
      .addColumn(column, 'integer', (c) =>
        c
          .notNull()
          .defaultTo(0)
          .check(sql`${sql.ref(column)} >= 0`)
      )
      .execute()
  }
  await db.schema.alterTable('receipt').addColumn('first_token_ms', 'integer').execute()
  await sql`update receipt set
    model = body ->> 'model', rate_version = body ->> 'rate_version', stop_reason = body ->> 'stop_reason',
    input_tokens = body ->> 'input_tokens', output_tokens = body ->> 'output_tokens',
    cache_read_tokens = body ->> 'cache_read_tokens', cache_write_tokens = body ->> 'cache_write_tokens',
    latency_ms = body ->> 'latency_ms', first_token_ms = body ->> 'first_token_ms'`.execute(db)
}

/** Which request a client's key of a call stands for; nothing of the call itself. */
async function createIdempotency(db: Kysely<unknown>) {
  await db.schema
    .createTable('idempotency')
    .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
    .addColumn('key_hash', 'text', (c) => c.notNull())
    .addColumn('request_id', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('idempotency_once', ['account_id', 'key_hash'])
    .execute()
  await db.schema.createIndex('idempotency_age').on('idempotency').column('created_at_ms').execute()
}

/** What an entry's hash covers beside its figures, where no grant and no receipt keeps it: who took or gave back, and why. */
async function createEntryDetail(db: Kysely<unknown>) {
  await db.schema
    .createTable('entry_detail')
    .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
    .addColumn('kind', 'text', (c) => c.notNull().check(sql`kind in ('refund', 'forfeit', 'adjust')`))
    .addColumn('reference', 'text', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('entry_detail_once', ['account_id', 'kind', 'reference'])
    .execute()
  for (const verb of ['update', 'delete']) {
    await sql`create trigger ${sql.raw(`entry_detail_no_${verb}`)} before ${sql.raw(verb)} on entry_detail
      begin select raise(abort, 'entries are append-only'); end`.execute(db)
  }
}
