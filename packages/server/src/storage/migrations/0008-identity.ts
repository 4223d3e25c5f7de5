import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Who accounts are, and how they prove it: passwords, browser sessions, sign-ins of devices, links that were mailed. */
export const identity: Migration = {
  async up(db) {
    await people(db)
    await sessions(db)
    await proofs(db)
  }
}

async function people(db: Kysely<unknown>): Promise<void> {
  await sql`alter table account add column username_key text generated always as (lower(username)) virtual`.execute(db)
  await db.schema.createIndex('account_username_key').on('account').column('username_key').unique().execute()

  await db.schema
    .createTable('profile')
    .addColumn('account_id', 'text', (c) => c.primaryKey().notNull().references('account.id'))
    .addColumn('email', 'text')
    .addColumn('email_key', 'text', (c) => c.unique())
    .addColumn('email_verified_at_ms', 'integer')
    .addColumn('age', 'integer', (c) => c.notNull().check(sql`age in (13, 18)`))
    .addColumn('terms_version', 'text', (c) => c.notNull())
    .addColumn('terms_accepted_at_ms', 'integer', (c) => c.notNull())
    // Envelopes and keyed hashes of where the account was made.
    .addColumn('signup_address', 'text')
    .addColumn('signup_address_hash', 'text')
    .addColumn('fingerprint_hash', 'text')
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    .addCheckConstraint('profile_email', sql`(email is null) = (email_key is null)`)
    .execute()
  await db.schema.createIndex('profile_signup').on('profile').column('signup_address_hash').execute()
  await db.schema.createIndex('profile_fingerprint').on('profile').column('fingerprint_hash').execute()

  await db.schema
    .createTable('password')
    .addColumn('account_id', 'text', (c) => c.primaryKey().notNull().references('account.id'))
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('changed_at_ms', 'integer', (c) => c.notNull())
    .execute()
}

async function sessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('session')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('address', 'text')
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    .addColumn('last_used_at_ms', 'integer', (c) => c.notNull())
    .addColumn('expires_at_ms', 'integer', (c) => c.notNull())
    .addColumn('refresh_hash', 'text', (c) => c.notNull().unique())
    .addColumn('previous_hash', 'text')
    .addColumn('rotated_at_ms', 'integer', (c) => c.notNull())
    .addColumn('access_hash', 'text', (c) => c.notNull().unique())
    .addColumn('access_expires_at_ms', 'integer', (c) => c.notNull())
    .addColumn('stepped_up_at_ms', 'integer')
    // How it was proven at its beginning: a password alone, or a second factor too.
    .addColumn('factors', 'integer', (c) => c.notNull().check(sql`factors in (1, 2)`))
    .addColumn('ended_at_ms', 'integer')
    .addColumn('end_reason', 'text')
    .execute()
  await db.schema.createIndex('session_account').on('session').column('account_id').execute()
  // Refresh tokens that were rotated away: who brings one again has it from somewhere.
  await db.schema
    .createTable('session_spent')
    .addColumn('hash', 'text', (c) => c.primaryKey().notNull())
    .addColumn('session_id', 'text', (c) => c.notNull().references('session.id').onDelete('cascade'))
    .execute()
  await db.schema.createIndex('session_spent_session').on('session_spent').column('session_id').execute()
}

async function proofs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('throttle')
    .addColumn('subject', 'text', (c) => c.primaryKey().notNull())
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('until_ms', 'integer', (c) => c.notNull())
    .addColumn('forget_at_ms', 'integer', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('captcha_spent')
    .addColumn('nonce', 'text', (c) => c.primaryKey().notNull())
    .addColumn('expires_at_ms', 'integer', (c) => c.notNull())
    .execute()

  await db.schema
    .createTable('device_grant')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('device_hash', 'text', (c) => c.notNull().unique())
    .addColumn('user_hash', 'text', (c) => c.notNull().unique())
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('pending', 'approved', 'denied', 'redeemed')`))
    // JSON: what asks, and for what.
    .addColumn('ask', 'text', (c) => c.notNull())
    .addColumn('address', 'text')
    .addColumn('interval_s', 'integer', (c) => c.notNull())
    .addColumn('polled_at_ms', 'integer')
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    .addColumn('expires_at_ms', 'integer', (c) => c.notNull())
    // The first browser session that opened it: no other one may decide.
    .addColumn('session_id', 'text', (c) => c.references('session.id'))
    .addColumn('account_id', 'text', (c) => c.references('account.id'))
    .execute()

  await db.schema
    .createTable('mailed_link')
    .addColumn('hash', 'text', (c) => c.primaryKey().notNull())
    .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    .addColumn('expires_at_ms', 'integer', (c) => c.notNull())
    .addColumn('used_at_ms', 'integer')
    .execute()
  await db.schema.createIndex('mailed_link_account').on('mailed_link').columns(['account_id', 'kind']).execute()
}
