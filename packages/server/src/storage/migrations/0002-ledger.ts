import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Where the credits are: grants, what is held of them, the chain of entries, and receipts. */
export const ledger: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('ledger_account')
      .addColumn('account_id', 'text', (c) => c.primaryKey().notNull().references('account.id'))
      .addColumn('account_seq', 'integer', (c) => c.notNull().check(sql`account_seq >= 0`))
      .addColumn('head_hash', 'text', (c) => c.notNull())
      .execute()
    await createGrant(db)
    await createHold(db)
    await createEntry(db)
    await db.schema
      .createTable('receipt')
      .addColumn('request_id', 'text', (c) => c.primaryKey().notNull().references('hold.request_id'))
      .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
      .addColumn('key_id', 'text', (c) => c.notNull().references('api_key.id'))
      .addColumn('status', 'text', (c) =>
        c.notNull().check(sql`status in ('complete', 'aborted', 'failed', 'released')`)
      )
      .addColumn('model_used', 'text', (c) => c.notNull())
      .addColumn('provider', 'text', (c) => c.notNull())
      .addColumn('credits', 'integer', (c) => c.notNull().check(sql`credits >= 0`))
      .addColumn('uncollected', 'integer', (c) => c.notNull().check(sql`uncollected >= 0`))
      .addColumn('settled_at_ms', 'integer', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute()
    await db.schema.createIndex('receipt_account').on('receipt').columns(['account_id', 'settled_at_ms']).execute()
  }
}

async function createGrant(db: Kysely<unknown>) {
  await db.schema
    .createTable('grant')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
    .addColumn('kind', 'text', (c) =>
      c.notNull().check(sql`kind in ('subscription', 'topup', 'adjustment', 'promotion', 'service_refund')`)
    )
    .addColumn('amount', 'integer', (c) => c.notNull().check(sql`amount > 0`))
    .addColumn('remaining', 'integer', (c) => c.notNull())
    .addColumn('held', 'integer', (c) => c.notNull())
    .addColumn('starts_at_ms', 'integer', (c) => c.notNull())
    .addColumn('expires_at_ms', 'integer')
    .addColumn('reference', 'text', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    .addCheckConstraint('grant_in_bounds', sql`0 <= held and held <= remaining and remaining <= amount`)
    .addUniqueConstraint('grant_once', ['account_id', 'reference'])
    .execute()
}

async function createHold(db: Kysely<unknown>) {
  await db.schema
    .createTable('hold')
    .addColumn('request_id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
    .addColumn('key_id', 'text', (c) => c.notNull().references('api_key.id'))
    // No reference: each start and stop would have to look through every hold there ever was.
    .addColumn('instance_id', 'text', (c) => c.notNull())
    .addColumn('epoch', 'integer', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('held', 'settled', 'released')`))
    .addColumn('amount', 'integer', (c) => c.notNull().check(sql`amount >= 0`))
    .addColumn('allocation', 'text', (c) => c.notNull())
    .addColumn('context', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    .addColumn('resolved_at_ms', 'integer')
    .addCheckConstraint('hold_resolved_once', sql`(state = 'held') = (resolved_at_ms is null)`)
    .execute()
  // Few holds are open at any time: finding a dead process's must not read the settled ones.
  await db.schema
    .createIndex('hold_open')
    .on('hold')
    .column('instance_id')
    .where(sql.ref('state'), '=', sql.lit('held'))
    .execute()
}

async function createEntry(db: Kysely<unknown>) {
  await db.schema
    .createTable('entry')
    .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
    .addColumn('account_seq', 'integer', (c) => c.notNull().check(sql`account_seq > 0`))
    .addColumn('kind', 'text', (c) =>
      c.notNull().check(sql`kind in ('grant', 'spend', 'expire', 'refund', 'forfeit', 'adjust')`)
    )
    .addColumn('grant_id', 'text', (c) => c.references('grant.id'))
    .addColumn('reference', 'text', (c) => c.notNull())
    .addColumn('amount', 'integer', (c) => c.notNull())
    .addColumn('detail_hash', 'text', (c) => c.notNull())
    .addColumn('prev_hash', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('entry_chain', ['account_id', 'account_seq'])
    .addUniqueConstraint('entry_once', ['reference', 'kind', 'grant_id'])
    .execute()
  // A charge of zero on no grant: NULLs are distinct in a UNIQUE, so they need one of their own.
  await db.schema
    .createIndex('entry_once_without_grant')
    .unique()
    .on('entry')
    .columns(['reference', 'kind'])
    .where(sql.ref('grant_id'), 'is', null)
    .execute()
  await sql`create trigger entry_no_update before update on entry begin select raise(abort, 'entries are append-only'); end`.execute(
    db
  )
  await sql`create trigger entry_no_delete before delete on entry begin select raise(abort, 'entries are append-only'); end`.execute(
    db
  )
}
