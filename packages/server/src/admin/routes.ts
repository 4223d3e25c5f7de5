import type { Accounts } from '../accounts/service.js'
import type { Catalog } from '../catalog/catalog.js'
import { createApiRouter } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { Keys } from '../keys/service.js'
import type { Ledger } from '../ledger/service.js'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { OperatorLog } from '../operator-log/service.js'
import type { Db } from '../storage/tables.js'
import { ledgerBooksRoutes } from './books-routes.js'
import { createCredits } from './credits.js'
import { creditsRoutes } from './credits-routes.js'
import { limitRoutes } from './limit-routes.js'
import { roleRoutes } from './role-routes.js'
import { usersRoutes } from './users-routes.js'

export interface AdminDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly catalog: Catalog
  readonly accounts: Accounts
  readonly keys: Keys
  readonly ledger: Ledger
  readonly operatorLog: OperatorLog
}

/** What operators do to accounts and their credits. */
export function adminRoutes(deps: AdminDeps) {
  return createApiRouter<KnownEnv>()
    .route('/', usersRoutes(deps))
    .route('/', roleRoutes(deps))
    .route('/', limitRoutes(deps))
    .route('/', creditsRoutes({ credits: createCredits(deps) }))
    .route('/', ledgerBooksRoutes(deps))
}
