import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Which repository and branch a call was for: of the caller, or of the session key that it brings. */
export const labels: Migration = {
  async up(db: Kysely<unknown>) {
    for (const table of ['receipt', 'api_key']) {
      await db.schema.alterTable(table).addColumn('repo', 'text').execute()
      await db.schema.alterTable(table).addColumn('branch', 'text').execute()
    }
  }
}
