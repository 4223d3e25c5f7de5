import { AppError, creditsFromJson, creditsToJson } from '@caicaini/protocol'
import { GrantCredits, GrantedCredits, Reconcile, Reconciled, TakeCredits, TakenCredits } from '@caicaini/protocol/api'
import { createRoute } from '@hono/zod-openapi'
import { createApiRouter, json, jsonBody } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { BadCharge } from '../ledger/reads.js'
import type { createCredits } from './credits.js'

const grant = createRoute({
  method: 'post',
  path: '/admin/api/credits/grant',
  request: jsonBody(GrantCredits),
  responses: { 200: json(GrantedCredits, 'The grant, and whether it is a new one') }
})
const take = createRoute({
  method: 'post',
  path: '/admin/api/credits/take',
  request: jsonBody(TakeCredits),
  responses: { 200: json(TakenCredits, 'What was taken, and what is left') }
})
const reconcile = createRoute({
  method: 'post',
  path: '/admin/api/credits/reconcile',
  request: jsonBody(Reconcile),
  responses: { 200: json(Reconciled, 'The charges that were given back, or would be') }
})

export function creditsRoutes({ credits }: { credits: ReturnType<typeof createCredits> }) {
  return createApiRouter<KnownEnv>()
    .openapi(grant, async (c) => {
      const ask = c.req.valid('json')
      const expiresAtMs = expiryOf(ask, c.var.startedAtMs)
      const { username, kind, reference, reason = '' } = ask
      const amount = creditsFromJson(ask.credits)
      const result = await credits.grant(c.var.principal.account, {
        username,
        kind,
        amount,
        reference,
        reason,
        expiresAtMs
      })
      return c.json({ grant_id: result.grantId, granted: result.granted, balance: creditsToJson(result.balance) }, 200)
    })
    .openapi(take, async (c) => {
      const { username, kind, credits: asked, reason, reference } = c.req.valid('json')
      if (kind === 'adjust' && asked === undefined)
        throw new AppError('invalid_request', 'credits: an adjustment needs the amount to take')
      const amount = asked === undefined ? null : creditsFromJson(asked)
      const ask = { username, kind, amount, reason, reference }
      const { taken, again, balance } = await credits.take(c.var.principal.account, ask)
      return c.json({ taken: creditsToJson(taken), again, balance: creditsToJson(balance) }, 200)
    })
    .openapi(reconcile, async (c) => {
      const { provider, from, to, reason, dry_run } = c.req.valid('json')
      const [fromMs, toMs] = [Date.parse(from), Date.parse(to)]
      if (toMs <= fromMs) throw new AppError('invalid_request', `to: must be after from, got ${to}`)
      const charges = await credits.reconcile(c.var.principal.account, {
        provider,
        fromMs,
        toMs,
        reason: reason ?? `${provider} failed from ${from} to ${to}`,
        dryRun: dry_run
      })
      return c.json({ dry_run, ...summary(charges), charges: charges.map(chargeToJson) }, 200)
    })
}

/** When the grant ends, undefined for never; a promotion must end, and no grant has ended already. */
function expiryOf({ kind, expires_at }: { kind: string; expires_at?: string | undefined }, nowMs: number) {
  if (expires_at === undefined) {
    if (kind !== 'promotion') return undefined
    throw new AppError('invalid_request', 'expires_at: a promotion needs the time at which it ends')
  }
  const expiresAtMs = Date.parse(expires_at)
  if (expiresAtMs > nowMs) return expiresAtMs
  throw new AppError('invalid_request', `expires_at: must be in the future, got ${expires_at}`)
}

function summary(charges: readonly BadCharge[]) {
  const credits = charges.reduce((sum, charge) => sum + charge.credits, 0n)
  const accounts = new Set(charges.map(({ accountId }) => accountId)).size
  return { requests: charges.length, accounts, credits: creditsToJson(credits) }
}

function chargeToJson({ requestId, accountId, model, settledAtMs, why, credits }: BadCharge) {
  return {
    request_id: requestId,
    account: accountId,
    model,
    settled_at: new Date(settledAtMs).toISOString(),
    why,
    credits: creditsToJson(credits)
  }
}
