import { Hono } from 'hono'
import { toAppError } from '../http/errors.js'
import type { Log } from '../lib/log.js'
import { assetRoutes } from './assets/assets.js'
import type { PageDeps } from './deps.js'
import type { PageEnv } from './env.js'
import { type PageGuardDeps, pageHeaders, refuseForeignForms } from './guard.js'
import { accountPages } from './pages/account.js'
import { devicePages } from './pages/device.js'
import { keyPages } from './pages/keys.js'
import { leakPages } from './pages/leak.js'
import { leavingPages } from './pages/leaving.js'
import { legalPages } from './pages/legal.js'
import { loginPages } from './pages/login.js'
import { mailedPages } from './pages/mailed.js'
import { ownChangesPages } from './pages/own-changes.js'
import { registerPages } from './pages/register.js'
import { resetPages } from './pages/reset.js'
import { secondPages } from './pages/second.js'
import { securityPages } from './pages/security.js'
import { stepUpPages } from './pages/step-up.js'
import { showError } from './show.js'

export interface ConsoleDeps extends PageDeps, PageGuardDeps {
  readonly log: Log
}

/** Every page, with its own way to say what went wrong. */
export function consoleRoutes(deps: ConsoleDeps): Hono<PageEnv> {
  const { log, cookies, site } = deps
  const pages = new Hono<PageEnv>()
    .onError((thrown, c) => showError(c, toAppError(thrown, log, c.var.requestId)))
    .use(pageHeaders(deps), refuseForeignForms(site), cookies.find)
    .get('/', (c) => c.redirect(c.var.session ? '/account' : '/login'))
    .route('/', registerPages(deps))
    .route('/', loginPages(deps))
    .route('/', devicePages(deps))
    .route('/', legalPages(deps))
    .route('/', leavingPages(deps))
    .route('/', resetPages(deps))
    .route('/', mailedPages(deps))
    .route('/', ownChangesPages(deps))
    .route('/', accountPages(deps))
    .route('/', secondPages(deps))
    .route('/', securityPages(deps))
    .route('/', stepUpPages(deps))
    .route('/', keyPages(deps))
    .route('/', leakPages(deps))
  return new Hono<PageEnv>().route('/', assetRoutes()).route('/', pages)
}
