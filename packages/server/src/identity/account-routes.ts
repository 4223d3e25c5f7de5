import type { BlockList } from 'node:net'
import {
  EmailChange,
  MailedToken,
  PasswordChange,
  PasswordReset,
  PasswordResetConfirm,
  UsernameChange
} from '@caicaini/protocol/api'
import { createRoute } from '@hono/zod-openapi'
import { createApiRouter, jsonBody } from '../http/openapi.js'
import { type KnownEnv, requireScope } from '../keys/authenticate.js'
import type { Principal } from '../keys/key.js'
import type { StepUp } from '../second-factor/step-up.js'
import type { Identity } from './service.js'
import { visitorOf } from './visitor.js'

/** What who has a mailed link may do without being signed in, and how they come by one. */
export const MAILED_ROUTES = [
  '/api/password/reset',
  '/api/password/reset/confirm',
  '/api/account/verify/confirm',
  '/api/account/email/confirm',
  '/api/account/email/undo'
]

const BROWSER = requireScope(['web'], 'it takes a browser session: sign in first')
const done = (description: string) => ({ 204: { description } }) as const

const askReset = createRoute({
  method: 'post',
  path: '/api/password/reset',
  request: jsonBody(PasswordReset),
  responses: { 202: { description: 'If there is such an account with an address, it is written to' } }
})
const reset = createRoute({
  method: 'post',
  path: '/api/password/reset/confirm',
  request: jsonBody(PasswordResetConfirm),
  responses: done('The password is set, and every session has ended')
})
const resend = createRoute({
  method: 'post',
  path: '/api/account/verify',
  middleware: BROWSER,
  responses: done('Another link was mailed')
})
const verify = createRoute({
  method: 'post',
  path: '/api/account/verify/confirm',
  request: jsonBody(MailedToken),
  responses: done('The address is confirmed')
})
const changeEmail = createRoute({
  method: 'post',
  path: '/api/account/email',
  middleware: BROWSER,
  request: jsonBody(EmailChange),
  responses: done('A link was mailed to the new address, which holds once that is opened')
})
const confirmEmail = createRoute({
  method: 'post',
  path: '/api/account/email/confirm',
  request: jsonBody(MailedToken),
  responses: done('The new address holds')
})
const undoEmail = createRoute({
  method: 'post',
  path: '/api/account/email/undo',
  request: jsonBody(MailedToken),
  responses: done('The address before holds again, and every session has ended')
})
const changePassword = createRoute({
  method: 'post',
  path: '/api/account/password',
  middleware: BROWSER,
  request: jsonBody(PasswordChange),
  responses: done('The password is another, and every other session has ended')
})
const rename = createRoute({
  method: 'post',
  path: '/api/account/username',
  middleware: BROWSER,
  request: jsonBody(UsernameChange),
  responses: done('The account has that name')
})

export interface AccountRoutesDeps {
  readonly identity: Identity
  readonly stepUp: Pick<StepUp, 'require'>
  readonly trustedProxies: BlockList
}

/** What an account's owner changes of it. */
export function accountRoutes({ identity, stepUp, trustedProxies }: AccountRoutesDeps) {
  return createApiRouter<KnownEnv>()
    .openapi(askReset, async (c) => {
      await identity.askReset(c.req.valid('json'), visitorOf(c, trustedProxies))
      return c.body(null, 202)
    })
    .openapi(reset, async (c) => {
      await identity.reset(c.req.valid('json'))
      return c.body(null, 204)
    })
    .openapi(resend, async (c) => {
      await identity.resendVerification(c.var.principal.account.id)
      return c.body(null, 204)
    })
    .openapi(verify, async (c) => {
      await identity.verifyEmail(c.req.valid('json').token)
      return c.body(null, 204)
    })
    .openapi(changeEmail, async (c) => {
      await stepUp.require(c.var.principal)
      await identity.askEmailChange({ ...ownerOf(c.var.principal), ...c.req.valid('json') })
      return c.body(null, 204)
    })
    .openapi(confirmEmail, async (c) => {
      await identity.confirmEmailChange(c.req.valid('json').token)
      return c.body(null, 204)
    })
    .openapi(undoEmail, async (c) => {
      await identity.undoEmailChange(c.req.valid('json').token)
      return c.body(null, 204)
    })
    .openapi(changePassword, async (c) => {
      await identity.changePassword({ ...ownerOf(c.var.principal), ...c.req.valid('json') })
      return c.body(null, 204)
    })
    .openapi(rename, async (c) => {
      await identity.rename({ ...ownerOf(c.var.principal), ...c.req.valid('json') })
      return c.body(null, 204)
    })
}

function ownerOf({ account, key }: Principal): { accountId: string; sessionId: string } {
  return { accountId: account.id, sessionId: key.id }
}
