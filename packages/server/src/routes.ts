import { AppError } from '@caicaini/protocol'
import { type Handler, Hono } from 'hono'
import { except } from 'hono/combine'
import { requireOperator } from './admin/guard.js'
import { apiRoutes } from './api-routes.js'
import { buildCallers } from './callers.js'
import { CAPTCHA_ROUTE } from './captcha/routes.js'
import type { Config } from './config.js'
import { consoleRoutes } from './console/routes.js'
import { createSessionCookies } from './console/session-cookies.js'
import { showError } from './console/show.js'
import { gatewayRoutes } from './gateway/routes.js'
import { limitApiBody } from './http/body.js'
import { errorResponse, toAppError } from './http/errors.js'
import { visitorOf } from './identity/visitor.js'
import { type KnownEnv, requireScope } from './keys/authenticate.js'
import { metricsRoute } from './metrics/routes.js'
import { OPEN, PUBLIC } from './open-routes.js'
import { noteOrigin } from './operator-log/origin.js'
import type { Parts, World } from './parts.js'
import { releaseRoutes } from './releases/routes.js'
import { liveState } from './status/live.js'

/** A year and more (ASVS 3.4.1). */
const HSTS = 'max-age=63072000; includeSubDomains'

/** Every route, each behind what it needs to know of its caller. */
export function buildRoutes(
  parts: Parts,
  { clock, log, config }: Pick<World, 'clock' | 'log'> & { config: Config }
): Hono<KnownEnv> {
  const { ids, ledger, catalog, limiter, guard, inFlight, admission, providers, storage } = parts
  const { breakers, random, metrics, observer, routing } = parts
  const { known, addressOf, noteUse } = buildCallers(parts, config)

  return new Hono<KnownEnv>()
    .use(async (c, next) => {
      c.set('requestId', ids.next('req'))
      c.set('startedAtMs', clock.nowMs())
      c.header('request-id', c.var.requestId)
      // OpenAI's name for it.
      c.header('x-request-id', c.var.requestId)
      c.header('x-content-type-options', 'nosniff')
      c.header('cache-control', 'no-store')
      if (parts.site.isSecure) c.header('strict-transport-security', HSTS)
      await next()
    })
    .onError((thrown, c) => {
      const error = toAppError(thrown, log, c.var.requestId)
      metrics.refused(error.code)
      return errorResponse(c, error, c.var.requestId)
    })
    .notFound((c) => {
      const error = new AppError('not_found', `there is no ${c.req.method} ${c.req.path} here`)
      return isPageAsked(c.req.path, c.req.header('accept'))
        ? showError(c as never, error)
        : errorResponse(c, error, c.var.requestId)
    })
    .get('/', isThere)
    .get('/api/hello', isThere)
    .get('/healthz', (c) => c.json({ status: 'ok' }))
    .get('/readyz', async (c) => {
      if (inFlight.stopping()) throw new AppError('stopping', 'The server is stopping')
      await storage.db.selectFrom('account').select('id').limit(1).execute()
      return c.json({ status: 'ready' })
    })
    .get(
      '/metrics',
      metricsRoute({
        metrics,
        token: config.metricsToken,
        live: () => liveState({ catalog, providers, breakers, inFlight, clock })
      })
    )
    .use(except('/v1/*', noteOrigin(addressOf)))
    .use('/v1/*', guard.byAddress, ...known, noteUse, requireScope(['api', 'cli', 'local'], 'it takes a key'))
    .route(
      '/',
      gatewayRoutes({
        catalog,
        routing,
        limiter,
        guardKey: guard.byKey,
        admission,
        inFlight,
        breakers,
        random,
        ledger,
        clock,
        log,
        observer
      })
    )
    .use('/api/*', except([...OPEN, ...PUBLIC], guard.byAddress, ...known, guard.byKey, limitApiBody))
    .on('POST', PUBLIC, guard.byAddress, limitApiBody)
    .get(CAPTCHA_ROUTE, guard.byAddress)
    .use('/webhooks/*', guard.byAddress)
    .use('/admin/api/*', guard.byAddress, ...known, guard.byKey, requireOperator(parts.sessions), limitApiBody)
    .route('/', apiRoutes(parts, { clock, config }))
    .route('/', releaseRoutes({ releasesDir: config.releasesDir, site: parts.site, publicUrl: config.site.publicUrl }))
    .route('/', pageRoutes(parts, { clock, log, config }))
}

function pageRoutes(parts: Parts, { clock, log, config }: Pick<World, 'clock' | 'log'> & { config: Config }) {
  return consoleRoutes({
    ...parts,
    random: parts.randomness,
    clock,
    log,
    cookies: createSessionCookies(parts),
    scriptOrigins: parts.captchaOrigins,
    visitor: (c) => visitorOf(c, config.trustedProxies)
  })
}

/** Tools look whether somebody is there before they send a key (Claude Code). Hono asks a GET route for the answer to a HEAD. */
const isThere: Handler<KnownEnv> = async (c, next) => {
  if (c.req.raw.method === 'HEAD') return c.body(null, 200)
  await next()
}

/** Whether a person looks, rather than a program. */
function isPageAsked(path: string, accept: string | undefined): boolean {
  return !/^\/(v1|api|admin|webhooks)(\/|$)/.test(path) && (accept ?? '').includes('text/html')
}
