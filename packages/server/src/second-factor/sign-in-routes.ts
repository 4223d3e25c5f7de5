import type { BlockList } from 'node:net'
import { PasskeyLogin, PasskeyLoginAsked, SecondLogin, SessionTokens, WebAuthnOptions } from '@caicaini/protocol/api'
import { createRoute } from '@hono/zod-openapi'
import { createApiRouter, json, jsonBody } from '../http/openapi.js'
import { visitorOf } from '../identity/visitor.js'
import type { KnownEnv } from '../keys/authenticate.js'
import { ACCESS_MS } from '../sessions/session.js'
import type { Tokens } from '../sessions/tokens.js'
import { proofOf } from './proof-json.js'
import type { SecondSignIn } from './second-sign-in.js'

/** Routes that nobody has a session for yet. */
export const PUBLIC_SECOND_FACTOR_ROUTES = ['/api/login/second', '/api/login/passkey', '/api/login/passkey/options']

const second = createRoute({
  method: 'post',
  path: '/api/login/second',
  request: jsonBody(SecondLogin),
  responses: { 200: json(SessionTokens, 'Signed in') }
})
const passkey = createRoute({
  method: 'post',
  path: '/api/login/passkey',
  request: jsonBody(PasskeyLogin),
  responses: { 200: json(SessionTokens, 'Signed in') }
})
const options = createRoute({
  method: 'post',
  path: '/api/login/passkey/options',
  // Who has no ticket yet has nothing to say.
  request: { body: { ...jsonBody(PasskeyLoginAsked).body, required: false } },
  responses: { 200: json(WebAuthnOptions, 'What a passkey is asked to sign') }
})

export interface SecondSignInRoutesDeps {
  readonly secondSignIn: SecondSignIn
  readonly trustedProxies: BlockList
}

export function secondSignInRoutes({ secondSignIn, trustedProxies }: SecondSignInRoutesDeps) {
  return createApiRouter<KnownEnv>()
    .openapi(second, async (c) => {
      const { ticket, ...rest } = c.req.valid('json')
      const tokens = await secondSignIn.finish({ ticket, proof: proofOf(rest) }, visitorOf(c, trustedProxies))
      return c.json(toJson(tokens), 200)
    })
    .openapi(passkey, async (c) => {
      const tokens = await secondSignIn.byPasskey(c.req.valid('json').passkey, visitorOf(c, trustedProxies))
      return c.json(toJson(tokens), 200)
    })
    .openapi(options, async (c) => c.json(await secondSignIn.ask(c.req.valid('json').ticket), 200))
}

function toJson({ access, refresh }: Tokens): SessionTokens {
  return { access_token: access, refresh_token: refresh, expires_in: ACCESS_MS / 1000 }
}
