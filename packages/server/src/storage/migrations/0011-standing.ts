import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Keys that are rotated and told of, what accounts may and may not, who did what from where, and what operators should look at. */
export const standing: Migration = {
  async up(db) {
    await keys(db)
    await standings(db)
    await audit(db)
    await flags(db)
  }
}

async function keys(db: Kysely<unknown>): Promise<void> {
  await sql`alter table api_key add column rotated_at_ms integer`.execute(db)
  await sql`alter table api_key add column old_told_at_ms integer`.execute(db)
  // The text that a key had before it was rotated: good for a while yet.
  await db.schema
    .createTable('key_former')
    .addColumn('hash', 'text', (c) => c.primaryKey().notNull())
    .addColumn('key_id', 'text', (c) => c.notNull().references('api_key.id'))
    .addColumn('expires_at_ms', 'integer', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('key_former_key').on('key_former').column('key_id').execute()
  // Apart from the key, so that it can be deleted without it.
  await db.schema
    .createTable('key_use')
    .addColumn('key_id', 'text', (c) => c.primaryKey().notNull().references('api_key.id'))
    .addColumn('at_ms', 'integer', (c) => c.notNull())
    .addColumn('address', 'text')
    .addColumn('client', 'text')
    .execute()
}

async function standings(db: Kysely<unknown>): Promise<void> {
  // What the account is told while it is suspended.
  await sql`alter table account add column standing_reason text`.execute(db)
  await db.schema
    .createTable('standing')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
    .addColumn('kind', 'text', (c) => c.notNull().check(sql`kind in ('suspend', 'ban', 'lift')`))
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('note', 'text')
    .addColumn('by_account_id', 'text', (c) => c.references('account.id'))
    .addColumn('at_ms', 'integer', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('standing_account').on('standing').column('account_id').execute()
}

async function audit(db: Kysely<unknown>): Promise<void> {
  await sql`alter table operator_event add column subject_account_id text references account (id)`.execute(db)
  await sql`alter table operator_event add column was text`.execute(db)
  await sql`alter table operator_event add column became text`.execute(db)
  await db.schema.createIndex('operator_event_actor').on('operator_event').column('actor_account_id').execute()
  await db.schema.createIndex('operator_event_subject').on('operator_event').column('subject_account_id').execute()
  // Apart from the log, which is never changed: an address is personal, and deleted after a year.
  await db.schema
    .createTable('event_origin')
    .addColumn('event_id', 'text', (c) => c.primaryKey().notNull().references('operator_event.id'))
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('at_ms', 'integer', (c) => c.notNull())
    .execute()
}

async function flags(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('flag')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('day', 'text', (c) => c.notNull())
    // JSON: figures and names, never what anybody wrote.
    .addColumn('evidence', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('open', 'dismissed', 'acted')`))
    .addColumn('at_ms', 'integer', (c) => c.notNull())
    .addColumn('decided_at_ms', 'integer')
    .addColumn('decided_by', 'text', (c) => c.references('account.id'))
    .addUniqueConstraint('flag_once_a_day', ['account_id', 'kind', 'day'])
    .execute()
  await db.schema.createIndex('flag_state').on('flag').column('state').execute()
  // Accounts that get no free credits until an operator has looked; the grant of a month is looked up here.
  await db.schema
    .createTable('withheld')
    .addColumn('account_id', 'text', (c) => c.primaryKey().notNull().references('account.id'))
    .addColumn('score', 'integer', (c) => c.notNull())
    .addColumn('reasons', 'text', (c) => c.notNull())
    .addColumn('at_ms', 'integer', (c) => c.notNull())
    .addColumn('released_at_ms', 'integer')
    .execute()
}
