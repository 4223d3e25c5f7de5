import { AppError } from '@caicaini/protocol'
import type { Context, MiddlewareHandler } from 'hono'
import type { HttpEnv } from '../http/context.js'
import type { KeyUse, Principal, Scope } from './key.js'
import type { Keys } from './service.js'

/** What reaches a handler behind `authenticate`. */
export interface KnownEnv {
  Bindings: HttpEnv['Bindings']
  Variables: HttpEnv['Variables'] & { principal: Principal }
}

/** Puts the principal of the request's key, or the local owner's, into the context; refuses anything else. */
export function authenticate({
  keys,
  ownerId,
  findSession,
  useOf
}: {
  keys: Keys
  ownerId: string
  /** Who an access token of a browser session speaks for; undefined for other texts. Throws where it is over. */
  findSession: (text: string) => Promise<Principal> | undefined
  /** Where a request comes from. */
  useOf: (c: Context<KnownEnv>) => KeyUse
}): MiddlewareHandler<KnownEnv> {
  const principalOf = (text: string, c: Context<KnownEnv>) => findSession(text) ?? keys.authenticate(text, useOf(c))
  return async (c, next) => {
    const isLocal = c.env?.local
    c.set('principal', await (isLocal ? keys.localPrincipal(ownerId) : principalOf(keyOf(c.req.raw.headers), c)))
    await next()
  }
}

/** Refuses keys of other scopes; `mend` says what to do instead. */
export function requireScope(scopes: readonly Scope[], mend: string): MiddlewareHandler<KnownEnv> {
  return async (c, next) => {
    const { scope } = c.var.principal.key
    if (!scopes.includes(scope)) throw new AppError('scope', `a key of scope "${scope}" may not do this: ${mend}`)
    await next()
  }
}

/** The key's text from either header that clients use; says which part is wrong where there is none. */
function keyOf(headers: Headers): string {
  const apiKey = headers.get('x-api-key')
  if (apiKey) return apiKey.trim()
  const authorization = headers.get('authorization')
  if (!authorization)
    throw new AppError('missing_key', 'no key: send it as "Authorization: Bearer cai_api_…" or "x-api-key: cai_api_…"')
  const match = /^Bearer +(\S+)$/i.exec(authorization.trim())
  if (!match?.[1]) throw new AppError('malformed_key', 'the Authorization header must read "Bearer cai_api_…"')
  return match[1]
}
