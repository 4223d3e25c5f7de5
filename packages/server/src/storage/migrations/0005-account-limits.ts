import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** An operator's own limits for one account, in place of its tier's and the catalog's: JSON, null where there are none. */
export const accountLimits: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('account').addColumn('limits', 'text').execute()
  }
}
