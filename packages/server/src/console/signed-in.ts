import type { Context, MiddlewareHandler } from 'hono'
import type { Session } from '../sessions/session.js'
import type { PageEnv } from './env.js'

/** Sends who is not signed in to do so, and back here afterwards. */
export const signedIn: MiddlewareHandler<PageEnv> = async (c, next) => {
  if (c.var.session) return next()
  const { pathname, search } = new URL(c.req.url)
  const back = c.req.method === 'GET' ? pathname + search : '/account'
  return c.redirect(`/login?next=${encodeURIComponent(back)}`, 303)
}

/** Who is signed in, behind `signedIn`. */
export function sessionOf(c: Context<PageEnv>): Session {
  const { session } = c.var
  if (!session) throw new Error('bug: a page without signedIn before it')
  return session
}
