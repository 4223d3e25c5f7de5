import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Leaving with what is one's own: closed accounts, exports, and requests about data. */
export const leaving: Migration = {
  async up(db) {
    await tables(db)
    await allowPurge(db)
  }
}

async function tables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('closure')
    .addColumn('account_id', 'text', (c) => c.primaryKey().notNull().references('account.id'))
    .addColumn('closed_at_ms', 'integer', (c) => c.notNull())
    .addColumn('anonymised_at_ms', 'integer')
    // While it is set, the financial trail of this account may be deleted.
    .addColumn('purging', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('purged_at_ms', 'integer')
    .execute()
  await db.schema
    .createTable('export_job')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('pending', 'ready', 'failed')`))
    .addColumn('body', 'blob')
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    .addColumn('expires_at_ms', 'integer')
    .execute()
  await db.schema.createIndex('export_job_account').on('export_job').column('account_id').execute()
  await db.schema
    .createTable('data_request')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('kind', 'text', (c) => c.notNull().check(sql`kind in ('access', 'export', 'erase', 'child')`))
    .addColumn('account_id', 'text', (c) => c.references('account.id'))
    // Envelopes.
    .addColumn('contact', 'text', (c) => c.notNull())
    .addColumn('message', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    .addColumn('due_at_ms', 'integer', (c) => c.notNull())
    .addColumn('closed_at_ms', 'integer')
    .addColumn('outcome', 'text')
    .execute()
}

/** Entries are for good, but for an account's whose time is over: all of them at once. */
async function allowPurge(db: Kysely<unknown>): Promise<void> {
  for (const table of ['entry', 'entry_detail']) {
    await sql.raw(`drop trigger ${table}_no_delete`).execute(db)
    await sql
      .raw(
        `create trigger ${table}_no_delete before delete on ${table}
         when not exists (select 1 from closure where account_id = old.account_id and purging = 1)
         begin select raise(abort, 'entries are append-only'); end`
      )
      .execute(db)
  }
}
