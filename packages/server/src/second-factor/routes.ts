import { AppError } from '@caicaini/protocol'
import {
  AddedPasskey,
  EditPasskey,
  FirstRecoveryCodes,
  NewPasskey,
  PasskeyParam,
  RecoveryCodes,
  SecondFactorStatus,
  StepUp as StepUpAsked,
  TotpCode,
  TotpSecret,
  WebAuthnOptions
} from '@caicaini/protocol/api'
import { createRoute } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { createApiRouter, json, jsonBody } from '../http/openapi.js'
import { type KnownEnv, requireScope } from '../keys/authenticate.js'
import type { Passkey } from './passkeys.js'
import { freshProofOf } from './proof-json.js'
import type { SecondFactor } from './service.js'
import type { SteppingSession, StepUp } from './step-up.js'

const OWN = requireScope(['web', 'cli', 'local'], 'it takes a browser session, a key of scope "cli", or --local')
const BROWSER_MEND = 'it takes a browser session: sign in first'
const BROWSER = requireScope(['web'], BROWSER_MEND)

const post = (path: string) => ({ method: 'post' as const, path, middleware: BROWSER })

const prove = createRoute({
  ...post('/api/step-up'),
  request: jsonBody(StepUpAsked),
  responses: { 204: { description: 'Proven, for ten minutes' } }
})
const proveOptions = createRoute({
  ...post('/api/step-up/options'),
  responses: { 200: json(WebAuthnOptions, 'What a passkey is asked to sign') }
})
const status = createRoute({
  method: 'get',
  path: '/api/account/second-factor',
  middleware: OWN,
  responses: { 200: json(SecondFactorStatus, 'What is asked for beside the password') }
})
const beginApp = createRoute({
  ...post('/api/account/second-factor/totp'),
  responses: { 200: json(TotpSecret, 'A secret, to be confirmed by a code of it') }
})
const confirmApp = createRoute({
  ...post('/api/account/second-factor/totp/confirm'),
  request: jsonBody(TotpCode),
  responses: { 200: json(FirstRecoveryCodes, 'Codes are asked for from now on') }
})
const removeApp = createRoute({
  ...post('/api/account/second-factor/totp/remove'),
  responses: { 204: { description: 'Codes are asked for no more' } }
})
const newCodes = createRoute({
  ...post('/api/account/second-factor/recovery-codes'),
  responses: { 200: json(RecoveryCodes, 'Ten new ones; those before are good for nothing') }
})
const passkeyOptions = createRoute({
  ...post('/api/account/passkeys/options'),
  responses: { 200: json(WebAuthnOptions, 'What a browser makes a passkey of') }
})
const addPasskey = createRoute({
  ...post('/api/account/passkeys'),
  request: jsonBody(NewPasskey),
  responses: { 201: json(AddedPasskey, 'The passkey is registered') }
})
const renamePasskey = createRoute({
  method: 'patch',
  path: '/api/account/passkeys/{id}',
  middleware: BROWSER,
  request: { params: PasskeyParam, ...jsonBody(EditPasskey) },
  responses: { 204: { description: 'It has that name' } }
})
const removePasskey = createRoute({
  method: 'delete',
  path: '/api/account/passkeys/{id}',
  middleware: BROWSER,
  request: { params: PasskeyParam },
  responses: { 204: { description: 'It is good for nothing any more' } }
})

export interface SecondFactorRoutesDeps {
  readonly stepUp: StepUp
  readonly secondFactor: SecondFactor
}

type Asked = Context<KnownEnv>

export function secondFactorRoutes({ stepUp, secondFactor }: SecondFactorRoutesDeps) {
  const { app, passkeys } = secondFactor
  return createApiRouter<KnownEnv>()
    .route('/', proofRoutes(stepUp))
    .openapi(status, async (c) => c.json(toStatus(await secondFactor.status(c.var.principal.account.id)), 200))
    .openapi(beginApp, async (c) => {
      const asking = await fresh(c, stepUp)
      await app.begin(asking)
      const pending = await app.pending(asking)
      if (!pending) throw new AppError('conflict', 'another request has changed it: begin again')
      return c.json(pending, 200)
    })
    .openapi(confirmApp, async (c) => {
      const codes = await app.confirm(await fresh(c, stepUp), c.req.valid('json').code)
      return c.json({ recovery_codes: codes && [...codes] }, 200)
    })
    .openapi(removeApp, async (c) => {
      await app.remove(await fresh(c, stepUp))
      return c.body(null, 204)
    })
    .openapi(newCodes, async (c) => {
      const { account } = await fresh(c, stepUp)
      return c.json({ recovery_codes: [...(await secondFactor.newCodes(account.id))] }, 200)
    })
    .openapi(passkeyOptions, async (c) => c.json(await passkeys.askNew(await fresh(c, stepUp)), 200))
    .openapi(addPasskey, async (c) => {
      const { name, passkey: answer } = c.req.valid('json')
      const { passkey, codes } = await passkeys.add(await fresh(c, stepUp), { name, answer })
      return c.json({ passkey: toJson(passkey), recovery_codes: codes && [...codes] }, 201)
    })
    .openapi(renamePasskey, async (c) => {
      await passkeys.rename(await fresh(c, stepUp), c.req.valid('param').id, c.req.valid('json').name)
      return c.body(null, 204)
    })
    .openapi(removePasskey, async (c) => {
      await passkeys.remove(await fresh(c, stepUp), c.req.valid('param').id)
      return c.body(null, 204)
    })
}

function proofRoutes(stepUp: StepUp) {
  return createApiRouter<KnownEnv>()
    .openapi(prove, async (c) => {
      await stepUp.prove(asking(c), freshProofOf(c.req.valid('json')))
      return c.body(null, 204)
    })
    .openapi(proveOptions, async (c) => c.json(await stepUp.ask(asking(c)), 200))
}

/** The browser session that asks. */
function asking(c: Asked): SteppingSession & { readonly account: { readonly id: string; readonly username: string } } {
  const { session, account } = c.var.principal
  if (!session) throw new AppError('scope', BROWSER_MEND)
  return { ...session, account }
}

/** The same, where it has proven of late who it is. */
async function fresh(c: Asked, stepUp: StepUp) {
  await stepUp.require(c.var.principal)
  return asking(c)
}

function toStatus({ hasApp, passkeys, codesLeft }: Awaited<ReturnType<SecondFactor['status']>>) {
  return { totp: hasApp, passkeys: passkeys.map(toJson), recovery_codes_left: codesLeft }
}

function toJson({ id, name, createdAtMs, lastUsedAtMs }: Passkey) {
  const toInstant = (ms: number) => new Date(ms).toISOString()
  const last_used_at = lastUsedAtMs === null ? null : toInstant(lastUsedAtMs)
  return { id, name, created_at: toInstant(createdAtMs), last_used_at }
}
