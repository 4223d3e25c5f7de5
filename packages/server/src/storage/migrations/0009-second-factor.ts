import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What proves who somebody is beside a password: authenticator apps, recovery codes, passkeys. */
export const secondFactor: Migration = {
  async up(db) {
    await codes(db)
    await passkeys(db)
    await challenges(db)
  }
}

async function codes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('totp')
    .addColumn('account_id', 'text', (c) => c.primaryKey().notNull().references('account.id'))
    // Envelope.
    .addColumn('secret', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    // Null until a first code has shown that the app has the secret.
    .addColumn('confirmed_at_ms', 'integer')
    // The newest step that a code was taken of: none is taken twice (RFC 6238, 5.2).
    .addColumn('last_step', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  await db.schema
    .createTable('recovery_code')
    .addColumn('hash', 'text', (c) => c.primaryKey().notNull())
    .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    .addColumn('used_at_ms', 'integer')
    .execute()
  await db.schema.createIndex('recovery_code_account').on('recovery_code').column('account_id').execute()
}

async function passkeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('passkey')
    // The credential's own id, base64url.
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
    // COSE, base64url.
    .addColumn('public_key', 'text', (c) => c.notNull())
    .addColumn('counter', 'integer', (c) => c.notNull())
    // JSON: how browsers reach it.
    .addColumn('transports', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    .addColumn('last_used_at_ms', 'integer')
    .execute()
  await db.schema.createIndex('passkey_account').on('passkey').column('account_id').execute()
}

async function challenges(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('challenge')
    .addColumn('hash', 'text', (c) => c.primaryKey().notNull())
    // An answer to one purpose is none to another.
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('account_id', 'text', (c) => c.references('account.id'))
    // What else it is bound to, such as the ticket or the session that asked for it.
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    .addColumn('expires_at_ms', 'integer', (c) => c.notNull())
    .addColumn('used_at_ms', 'integer')
    .execute()
  await db.schema.createIndex('challenge_expiry').on('challenge').column('expires_at_ms').execute()
}
