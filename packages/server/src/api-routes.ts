import type { OpenAPIHono } from '@hono/zod-openapi'
import { adminRoutes } from './admin/routes.js'
import { captchaRoutes } from './captcha/routes.js'
import { tierOf } from './catalog/entitlements.js'
import type { Config } from './config.js'
import { conversationRoutes } from './conversations/routes.js'
import { dataRequestRoutes } from './data-requests/routes.js'
import { deviceRoutes } from './device/routes.js'
import { leavingRoutes } from './exports/routes.js'
import { describe } from './http/describe.js'
import { createApiRouter } from './http/openapi.js'
import { accountRoutes } from './identity/account-routes.js'
import { identityRoutes } from './identity/routes.js'
import type { KnownEnv } from './keys/authenticate.js'
import type { Principal } from './keys/key.js'
import { keyRoutes } from './keys/routes.js'
import { leakRoutes } from './leaks/routes.js'
import { ledgerRoutes } from './ledger/routes.js'
import type { Clock } from './lib/clock.js'
import { isOpen } from './open-routes.js'
import { operatorLogRoutes } from './operator-log/routes.js'
import type { Parts } from './parts.js'
import { planRoutes } from './plans/routes.js'
import { rateCardRoutes } from './rate-card/routes.js'
import { reloadRoutes } from './reload/routes.js'
import { factorResetRoutes } from './second-factor/reset-routes.js'
import { secondFactorRoutes } from './second-factor/routes.js'
import { secondSignInRoutes } from './second-factor/sign-in-routes.js'
import { signalRoutes } from './signals/routes.js'
import { standingRoutes } from './standing/routes.js'
import { statusRoutes } from './status/routes.js'
import { termsRoutes } from './terms/routes.js'
import { usageRoutes } from './usage/routes.js'

const SANDBOX_NOTICE =
  'No provider key was found, so the sandbox answers. Set ANTHROPIC_API_KEY (or another of the catalog) where this server runs.'

const rotatedNotice = (untilMs: number) =>
  `This key was rotated: the text in use is good until ${new Date(untilMs).toISOString().slice(0, 16)}Z. Put the new one in its place.`

/** Everything under /api and /admin/api; the principal is known by now. */
export function apiRoutes(parts: Parts, { clock, config }: { clock: Clock; config: Config }): OpenAPIHono<KnownEnv> {
  const { ids, keys, ledger, accounts, catalog, providers, storage, terms, plans, operatorLog, rateCard, sweeps } =
    parts
  /** Only the owner gets the sandbox, so only the owner is told of it. */
  const notice = async ({ account, textUntilMs }: Principal) => {
    const isTrial = providers.configured.length === 0 && account.role === 'owner'
    const rotated = textUntilMs === undefined ? [] : [rotatedNotice(textUntilMs)]
    const withheld = await parts.signals.noticeFor(account.id)
    const notices = [...(isTrial ? [SANDBOX_NOTICE] : []), ...rotated, ...(withheld ? [withheld] : [])]
    return [...notices, ...terms.noticesFor(account)].join('\n') || null
  }
  const api = createApiRouter<KnownEnv>()
  // Once, for anybody may ask, and not before every route is there.
  let description: object | undefined
  api.get('/api/openapi.json', (c) => {
    description ??= describe(api, isOpen)
    return c.json(description)
  })

  api
    .route(
      '/',
      keyRoutes({
        keys,
        accountId: async (username) => (await accounts.byUsername(username)).id,
        tierOf: (account) => tierOf(catalog, account).name,
        notice,
        requireProof: parts.stepUp.require
      })
    )
    .route('/', ledgerRoutes({ ledger, clock, rates: rateCard.lines }))
    .route('/', usageRoutes({ db: storage.db, clock }))
    .route('/', adminRoutes({ db: storage.db, clock, ids, catalog, accounts, keys, ledger, operatorLog }))
    .route('/', standingRoutes(parts))
    .route('/', factorResetRoutes(parts))
    .route('/', signalRoutes(parts))
    .route('/', planRoutes({ plans, catalog, accounts, notices: terms.noticesFor }))
    .route('/', rateCardRoutes({ rateCard }))
    .route('/', termsRoutes({ terms, onChanged: sweeps.takeTerms }))
    .route('/', operatorLogRoutes({ operatorLog, clock }))
    .route('/', reloadRoutes({ reload: parts.reload }))
    .route('/', leavingRoutes(parts))
    .route('/', dataRequestRoutes(parts))
    .route('/', conversationRoutes(parts))
    .route('/', leakRoutes(parts))
    .route('/', deviceRoutes({ ...parts, trustedProxies: config.trustedProxies }))
    .route('/', identityRoutes({ ...parts, trustedProxies: config.trustedProxies }))
    .route('/', secondFactorRoutes(parts))
    .route('/', secondSignInRoutes({ ...parts, trustedProxies: config.trustedProxies }))
    .route('/', accountRoutes({ ...parts, trustedProxies: config.trustedProxies }))
    .route('/', captchaRoutes(parts))
    .route('/', statusRoutes({ status: parts.status, catalog, providers, clock }))
  return api
}
