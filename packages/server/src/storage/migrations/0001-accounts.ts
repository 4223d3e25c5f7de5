import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Who there is: accounts, their keys, and the server processes that act for them. */
export const accounts: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('account')
      .addColumn('id', 'text', (c) => c.primaryKey().notNull())
      .addColumn('username', 'text', (c) => c.notNull().unique())
      .addColumn('role', 'text', (c) => c.notNull().check(sql`role in ('user', 'support', 'operator', 'owner')`))
      .addColumn('plan', 'text', (c) => c.notNull())
      .addColumn('tier', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull().check(sql`status in ('active', 'suspended', 'closed')`))
      .addColumn('created_at_ms', 'integer', (c) => c.notNull())
      .execute()
    await db.schema
      .createTable('api_key')
      .addColumn('id', 'text', (c) => c.primaryKey().notNull())
      .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('scope', 'text', (c) => c.notNull().check(sql`scope in ('api', 'cli', 'local')`))
      .addColumn('hash', 'text', (c) => c.unique())
      .addColumn('hint', 'text', (c) => c.notNull())
      .addColumn('created_at_ms', 'integer', (c) => c.notNull())
      .addColumn('expires_at_ms', 'integer')
      .addColumn('last_used_at_ms', 'integer')
      .addColumn('disabled_at_ms', 'integer')
      .addColumn('revoked_at_ms', 'integer')
      // Only the owner's own key on this machine has no text, and so nothing to steal.
      .addCheckConstraint('api_key_has_hash', sql`(hash is null) = (scope = 'local')`)
      .execute()
    await db.schema.createIndex('api_key_account').on('api_key').column('account_id').execute()
    await db.schema
      .createTable('key_quota')
      .addColumn('key_id', 'text', (c) => c.primaryKey().notNull().references('api_key.id'))
      .addColumn('period', 'text', (c) => c.notNull().check(sql`period in ('life', 'month', 'day')`))
      .addColumn('period_start_ms', 'integer', (c) => c.notNull())
      .addColumn('credit_limit', 'integer', (c) => c.notNull().check(sql`credit_limit >= 0`))
      .addColumn('used', 'integer', (c) => c.notNull().check(sql`used >= 0`))
      .addColumn('held', 'integer', (c) => c.notNull().check(sql`held >= 0`))
      .execute()
    await db.schema
      .createTable('instance')
      .addColumn('id', 'text', (c) => c.primaryKey().notNull())
      .addColumn('host', 'text', (c) => c.notNull())
      .addColumn('pid', 'integer', (c) => c.notNull())
      .addColumn('process_start', 'text', (c) => c.notNull())
      .addColumn('epoch', 'integer', (c) => c.notNull())
      .addColumn('lease_until_ms', 'integer', (c) => c.notNull())
      .addColumn('started_at_ms', 'integer', (c) => c.notNull())
      .addColumn('ended_at_ms', 'integer')
      .execute()
  }
}
