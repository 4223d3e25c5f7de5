import { type Migration, Migrator } from 'kysely/migration'
import { accounts } from './migrations/0001-accounts.js'
import { ledger } from './migrations/0002-ledger.js'
import { money } from './migrations/0003-money.js'
import { plans } from './migrations/0004-plans.js'
import { accountLimits } from './migrations/0005-account-limits.js'
import { catalogFile } from './migrations/0006-catalog-file.js'
import { providerStatus } from './migrations/0007-provider-status.js'
import { identity } from './migrations/0008-identity.js'
import { secondFactor } from './migrations/0009-second-factor.js'
import { mail } from './migrations/0010-mail.js'
import { standing } from './migrations/0011-standing.js'
import { leaving } from './migrations/0012-leaving.js'
import { chats } from './migrations/0013-chats.js'
import { labels } from './migrations/0014-labels.js'
import type { Db } from './tables.js'

/** Numbered, forward only, frozen once released. A list, for a bundle has no folder to scan. */
const migrations: Record<string, Migration> = {
  '0001-accounts': accounts,
  '0002-ledger': ledger,
  '0003-money': money,
  '0004-plans': plans,
  '0005-account-limits': accountLimits,
  '0006-catalog-file': catalogFile,
  '0007-provider-status': providerStatus,
  '0008-identity': identity,
  '0009-second-factor': secondFactor,
  '0010-mail': mail,
  '0011-standing': standing,
  '0012-leaving': leaving,
  '0013-chats': chats,
  '0014-labels': labels
}

/** Brings the schema up to date, in one transaction that other processes wait for; throws and leaves all as it was when a step fails. */
export async function migrateToLatest(db: Db): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}
