import { AppError } from '@caicaini/protocol'
import { type Handler, Hono } from 'hono'
import { except } from 'hono/combine'
import { adminRoutes } from './admin/routes.js'
import { tierOf } from './catalog/entitlements.js'
import { gatewayRoutes } from './gateway/routes.js'
import { limitApiBody } from './http/body.js'
import { errorResponse, toAppError } from './http/errors.js'
import { createApiRouter } from './http/openapi.js'
import { authenticate, type KnownEnv } from './keys/authenticate.js'
import type { Principal } from './keys/key.js'
import { keyRoutes } from './keys/routes.js'
import { ledgerRoutes } from './ledger/routes.js'
import { operatorLogRoutes } from './operator-log/routes.js'
import type { Parts, World } from './parts.js'
import { keepCurrent } from './plans/current.js'
import { planRoutes } from './plans/routes.js'
import { rateCardRoutes } from './rate-card/routes.js'
import { termsRoutes } from './terms/routes.js'
import { usageRoutes } from './usage/routes.js'

const SANDBOX_NOTICE =
  'No provider key was found, so the sandbox answers. Set ANTHROPIC_API_KEY (or another of the catalog) where this server runs.'

/** Every route, each behind what it needs to know of its caller. */
export function buildRoutes(parts: Parts, { clock, log }: Pick<World, 'clock' | 'log'>): Hono<KnownEnv> {
  const { ids, keys, owner, ledger, accounts, catalog, limiter, guard, inFlight, admission, providers, storage } = parts
  const { terms, plans, operatorLog, rateCard, sweeps, breakers, random } = parts
  const known = [authenticate({ keys, ownerId: owner.id }), keepCurrent(parts.current)] as const
  /** Only the owner gets the sandbox, so only the owner is told of it. */
  const notice = (account: Principal['account']) => {
    const isTrial = providers.configured.length === 0 && account.role === 'owner'
    return [...(isTrial ? [SANDBOX_NOTICE] : []), ...terms.noticesFor(account)].join('\n') || null
  }
  const api = createApiRouter<KnownEnv>()
  api.doc31('/api/openapi.json', { openapi: '3.1.0', info: { title: 'Caicaini Code', version: '1' } })

  return new Hono<KnownEnv>()
    .use(async (c, next) => {
      c.set('requestId', ids.next('req'))
      c.set('startedAtMs', clock.nowMs())
      c.header('request-id', c.var.requestId)
      c.header('x-content-type-options', 'nosniff')
      await next()
    })
    .onError((error, c) => errorResponse(c, toAppError(error, log, c.var.requestId), c.var.requestId))
    .notFound((c) =>
      errorResponse(c, new AppError('not_found', `there is no ${c.req.method} ${c.req.path} here`), c.var.requestId)
    )
    .get('/', isThere)
    .get('/api/hello', isThere)
    .get('/healthz', (c) => c.json({ status: 'ok' }))
    .get('/readyz', async (c) => {
      if (inFlight.stopping()) throw new AppError('stopping', 'The server is stopping')
      await storage.db.selectFrom('account').select('id').limit(1).execute()
      return c.json({ status: 'ready' })
    })
    .use('/v1/*', guard.byAddress, ...known)
    .route(
      '/',
      gatewayRoutes({
        catalog,
        providers,
        limiter,
        guardKey: guard.byKey,
        admission,
        inFlight,
        breakers,
        random,
        ledger,
        clock,
        log
      })
    )
    .use('/api/*', except(['/api/openapi.json', '/api/hello'], guard.byAddress, ...known, guard.byKey, limitApiBody))
    .use('/admin/api/*', guard.byAddress, ...known, guard.byKey, limitApiBody)
    .route(
      '/',
      api
        .route(
          '/',
          keyRoutes({
            keys,
            accountId: async (username) => (await accounts.byUsername(username)).id,
            tierOf: (account) => tierOf(catalog, account).name,
            notice
          })
        )
        .route('/', ledgerRoutes({ ledger, clock, rates: rateCard.lines }))
        .route('/', usageRoutes({ db: storage.db, clock }))
        .route('/', adminRoutes({ db: storage.db, clock, ids, catalog, accounts, keys, ledger, operatorLog }))
        .route('/', planRoutes({ plans, catalog, accounts, notices: terms.noticesFor }))
        .route('/', rateCardRoutes({ rateCard }))
        .route('/', termsRoutes({ terms, onChanged: sweeps.takeTerms }))
        .route('/', operatorLogRoutes({ operatorLog }))
    )
}

/** Tools look whether somebody is there before they send a key (Claude Code). Hono asks a GET route for the answer to a HEAD. */
const isThere: Handler<KnownEnv> = (c) => (c.req.raw.method === 'HEAD' ? c.body(null, 200) : c.notFound())
