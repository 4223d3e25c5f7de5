import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What serving processes tell commands beside them, and what those ask of them. */
export const providerStatus: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('server_status')
      .addColumn('instance_id', 'text', (c) => c.primaryKey().notNull().references('instance.id').onDelete('cascade'))
      .addColumn('written_at_ms', 'integer', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute()
    await db.schema
      .createTable('catalog_reload')
      .addColumn('instance_id', 'text', (c) =>
        c.primaryKey().notNull().references('server_status.instance_id').onDelete('cascade')
      )
      .addColumn('asked_at_ms', 'integer', (c) => c.notNull())
      .addColumn('answered_at_ms', 'integer')
      .addColumn('fault', 'text')
      .execute()
  }
}
