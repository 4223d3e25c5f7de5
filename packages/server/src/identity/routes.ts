import type { BlockList } from 'node:net'
import { AppError } from '@caicaini/protocol'
import {
  BrowserSessionList,
  Login,
  LoginAnswer,
  Profile,
  Refresh,
  Register,
  SessionTokens
} from '@caicaini/protocol/api'
import { createRoute, type z } from '@hono/zod-openapi'
import { createApiRouter, IdParam, json, jsonBody } from '../http/openapi.js'
import { type KnownEnv, requireScope } from '../keys/authenticate.js'
import { countryOf } from '../places/place.js'
import type { BrowserSessions } from '../sessions/service.js'
import { ACCESS_MS } from '../sessions/session.js'
import type { Tokens } from '../sessions/tokens.js'
import type { Identity } from './service.js'
import { visitorOf } from './visitor.js'

/** Routes that nobody has a key for yet. */
export const PUBLIC_IDENTITY_ROUTES = ['/api/register', '/api/login', '/api/refresh']

const OWN = requireScope(['web', 'cli', 'local'], 'it takes a browser session, a key of scope "cli", or --local')
const BROWSER = requireScope(['web'], 'it takes a browser session: sign in first')

const register = createRoute({
  method: 'post',
  path: '/api/register',
  request: jsonBody(Register),
  responses: { 201: json(SessionTokens, 'The account is made, and signed in') }
})
const login = createRoute({
  method: 'post',
  path: '/api/login',
  request: jsonBody(Login),
  responses: { 200: json(LoginAnswer, 'Signed in, or a second factor is needed') }
})
const refresh = createRoute({
  method: 'post',
  path: '/api/refresh',
  request: jsonBody(Refresh),
  responses: { 200: json(SessionTokens, 'The next two tokens') }
})
const logout = createRoute({
  method: 'post',
  path: '/api/logout',
  middleware: BROWSER,
  responses: { 204: { description: 'The session is over' } }
})
const profile = createRoute({
  method: 'get',
  path: '/api/account',
  middleware: OWN,
  responses: { 200: json(Profile, 'Whose account it is') }
})
const listSessions = createRoute({
  method: 'get',
  path: '/api/account/sessions',
  middleware: OWN,
  responses: { 200: json(BrowserSessionList, 'Browsers that are signed in, the last used first') }
})
const endSession = createRoute({
  method: 'post',
  path: '/api/account/sessions/{id}/end',
  middleware: OWN,
  request: { params: IdParam },
  responses: { 204: { description: 'That browser is signed out' } }
})
const endOthers = createRoute({
  method: 'post',
  path: '/api/account/sessions/end-others',
  middleware: OWN,
  responses: { 204: { description: 'Every other browser is signed out' } }
})

export interface IdentityRoutesDeps {
  readonly identity: Identity
  readonly sessions: BrowserSessions
  readonly trustedProxies: BlockList
}

export function identityRoutes({ identity, sessions, trustedProxies }: IdentityRoutesDeps) {
  return createApiRouter<KnownEnv>()
    .openapi(register, async (c) => {
      const { terms: termsVersion, ...ask } = c.req.valid('json')
      const { tokens } = await identity.register({ ...ask, termsVersion }, visitorOf(c, trustedProxies))
      return c.json(toJson(tokens), 201)
    })
    .openapi(login, async (c) => {
      const done = await identity.signIn(c.req.valid('json'), visitorOf(c, trustedProxies))
      return c.json(done.type === 'signed in' ? toJson(done.tokens) : { second_factor: done.ticket }, 200)
    })
    .openapi(refresh, async (c) => {
      const next = await sessions.refresh(c.req.valid('json').refresh_token)
      if (!next) throw new AppError('signed_out', 'this session is over: sign in again')
      return c.json(toJson(next.tokens), 200)
    })
    .openapi(logout, async (c) => {
      await identity.endSession(c.var.principal.account.id, c.var.principal.key.id)
      return c.body(null, 204)
    })
    .openapi(profile, async (c) => c.json(await profileJson(identity, c.var.principal.account.id), 200))
    .openapi(listSessions, async (c) => {
      const { account, key } = c.var.principal
      const list = await sessions.list(account.id)
      const toInstant = (ms: number) => new Date(ms).toISOString()
      return c.json(
        {
          sessions: list.map(({ id, agent, address, createdAtMs, lastUsedAtMs }) => ({
            id,
            agent,
            address,
            place: address === null ? null : (countryOf(address) ?? null),
            created_at: toInstant(createdAtMs),
            last_used_at: toInstant(lastUsedAtMs),
            current: id === key.id
          }))
        },
        200
      )
    })
    .openapi(endOthers, async (c) => {
      const { account, key } = c.var.principal
      await identity.endOtherSessions(account.id, key.id)
      return c.body(null, 204)
    })
    .openapi(endSession, async (c) => {
      await identity.endSession(c.var.principal.account.id, c.req.valid('param').id)
      return c.body(null, 204)
    })
}

async function profileJson(identity: Identity, accountId: string): Promise<z.infer<typeof Profile>> {
  const { id, username, email, isEmailVerified, plan, status, createdAtMs, termsVersion } =
    await identity.profile(accountId)
  const created_at = new Date(createdAtMs).toISOString()
  return { id, username, email, email_verified: isEmailVerified, plan, status, created_at, terms_version: termsVersion }
}

function toJson({ access, refresh: refreshToken }: Tokens): SessionTokens {
  return { access_token: access, refresh_token: refreshToken, expires_in: ACCESS_MS / 1000 }
}
