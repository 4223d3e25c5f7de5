import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { CookieOptions } from 'hono/utils/cookie'
import type { BrowserSessions } from '../sessions/service.js'
import { ACCESS_MS, SESSION_MS } from '../sessions/session.js'
import type { Tokens } from '../sessions/tokens.js'
import type { Site } from '../site/site.js'
import type { PageEnv } from './env.js'

const ACCESS = 'caicaini_access'
const REFRESH = 'caicaini_refresh'
/** What stands between the password and the second factor: no address and no log has it. */
const TICKET = 'caicaini_ticket'
const TICKET_MS = 10 * 60_000

export type SessionCookies = ReturnType<typeof createSessionCookies>

/**
 * A browser's tokens are in cookies that no script sees. Over TLS their names begin with `__Host-`, so that no
 * other host of the domain can set them. A page that comes with an old access token is refreshed on its way.
 */
export function createSessionCookies({ sessions, site }: { sessions: BrowserSessions; site: Site }) {
  const options = (maxAgeMs: number): CookieOptions => ({
    httpOnly: true,
    sameSite: 'Lax',
    path: '/',
    maxAge: Math.floor(maxAgeMs / 1000),
    ...(site.isSecure && { secure: true, prefix: 'host' })
  })
  const read = (c: Context<PageEnv>, name: string) => getCookie(c, name, ...(site.isSecure ? (['host'] as const) : []))

  function put(c: Context<PageEnv>, { access, refresh }: Tokens): void {
    setCookie(c, ACCESS, access, options(ACCESS_MS))
    setCookie(c, REFRESH, refresh, options(SESSION_MS))
    deleteCookie(c, TICKET, options(0))
  }

  /** Signs a browser in; the session that it had before is over (ASVS 7.2.4). */
  async function begin(c: Context<PageEnv>, tokens: Tokens): Promise<void> {
    put(c, tokens)
    if (c.var.session) await sessions.replace(c.var.session)
  }

  /** The next tokens, for who has just proven themselves: whoever has those before gains nothing by it (ASVS 7.2.4). */
  async function renew(c: Context<PageEnv>): Promise<void> {
    const refresh = read(c, REFRESH)
    const next = refresh === undefined ? undefined : await sessions.refresh(refresh)
    if (next) put(c, next.tokens)
  }

  function clear(c: Context<PageEnv>): void {
    for (const name of [ACCESS, REFRESH, TICKET]) deleteCookie(c, name, options(0))
  }

  const putTicket = (c: Context<PageEnv>, ticket: string) => setCookie(c, TICKET, ticket, options(TICKET_MS))
  const ticket = (c: Context<PageEnv>): string | undefined => read(c, TICKET)

  /** Finds who is signed in; puts `undefined` where nobody is. */
  const find: MiddlewareHandler<PageEnv> = async (c, next) => {
    const access = read(c, ACCESS)
    let session = access === undefined ? undefined : await sessions.find(access)
    const refresh = read(c, REFRESH)
    if (!session && refresh !== undefined) {
      const next = await sessions.refresh(refresh)
      if (next) put(c, next.tokens)
      else clear(c)
      session = next?.session
    }
    c.set('session', session)
    await next()
  }

  return { begin, renew, clear, find, putTicket, ticket }
}
