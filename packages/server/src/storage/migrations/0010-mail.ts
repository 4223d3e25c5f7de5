import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What waits to be mailed, and what was. */
export const mail: Migration = {
  async up(db) {
    await db.schema
      .createTable('mail')
      .addColumn('id', 'text', (c) => c.primaryKey().notNull())
      .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('queued', 'sending', 'sent', 'given_up')`))
      .addColumn('sealed', 'text')
      .addColumn('message_id', 'text', (c) => c.notNull().unique())
      .addColumn('attempts', 'integer', (c) => c.notNull())
      .addColumn('due_at_ms', 'integer', (c) => c.notNull())
      .addColumn('instance_id', 'text')
      .addColumn('until_ms', 'integer')
      .addColumn('created_at_ms', 'integer', (c) => c.notNull())
      .addColumn('ended_at_ms', 'integer')
      .addColumn('fault', 'text')
      .addCheckConstraint('mail_ended', sql`(ended_at_ms is null) = (state in ('queued', 'sending'))`)
      .addCheckConstraint('mail_sealed', sql`(sealed is null) = (state in ('sent', 'given_up'))`)
      .execute()
    await db.schema
      .alterTable('catalog_change')
      .addColumn('told_to', 'text', (c) => c.notNull().defaultTo(''))
      .execute()
    await db.schema.alterTable('catalog_change').addColumn('told_at_ms', 'integer').execute()
    await db.schema.createIndex('mail_due').on('mail').columns(['state', 'due_at_ms']).execute()
  }
}
