import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The operator's own catalog that the data was last served with; no row where that was the shipped one. */
export const catalogFile: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('catalog_file')
      .addColumn('id', 'integer', (c) => c.primaryKey().notNull().check(sql`id = 1`))
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute()
  }
}
