import type { MiddlewareHandler } from 'hono'
import type { StepUp } from '../second-factor/step-up.js'
import type { PageEnv } from './env.js'
import { sessionOf } from './signed-in.js'

/**
 * Sends who has not proven themselves within ten minutes to do so, and back here afterwards. Stands behind
 * `signedIn`. A form that was sent is lost: put it before the page that has the form too.
 */
export function steppedUp(stepUp: Pick<StepUp, 'isProven'>, back?: string): MiddlewareHandler<PageEnv> {
  return async (c, next) => {
    if (await stepUp.isProven(sessionOf(c))) return next()
    const { pathname, search } = new URL(c.req.url)
    const then = back ?? (c.req.method === 'GET' ? pathname + search : '/account')
    return c.redirect(`/step-up?next=${encodeURIComponent(then)}`, 303)
  }
}
