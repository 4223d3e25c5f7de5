import type { MiddlewareHandler } from 'hono'
import type { BrowserSessions } from '../sessions/service.js'
import type { PageEnv } from './env.js'
import { sessionOf } from './signed-in.js'

/** Behind `signedIn`: sends who has not proven for long who they are to do so, and back here afterwards. */
export function proven(sessions: Pick<BrowserSessions, 'isSteppedUp'>): MiddlewareHandler<PageEnv> {
  return async (c, next) => {
    if (sessions.isSteppedUp(sessionOf(c))) return next()
    return c.redirect(`/step-up?next=${encodeURIComponent(new URL(c.req.url).pathname)}`, 303)
  }
}
