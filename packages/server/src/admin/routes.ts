import { AppError, creditsFromJson, creditsToJson, formatCredits } from '@caicaini/protocol'
import { AuditReport, CreateUser, GrantCredits, GrantedCredits, User, UserList } from '@caicaini/protocol/api'
import { createRoute, type z } from '@hono/zod-openapi'
import type { Account, Accounts } from '../accounts/service.js'
import { createApiRouter, json, jsonBody } from '../http/openapi.js'
import { type KnownEnv, operatorOnly } from '../keys/authenticate.js'
import type { Totals } from '../ledger/audit-rules.js'
import type { Ledger } from '../ledger/service.js'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'

const listUsers = createRoute({
  method: 'get',
  path: '/admin/api/users',
  middleware: operatorOnly,
  responses: { 200: json(UserList, 'Every account, oldest first') }
})
const createUser = createRoute({
  method: 'post',
  path: '/admin/api/users',
  middleware: operatorOnly,
  request: jsonBody(CreateUser),
  responses: { 201: json(User, 'The new account') }
})
const grantCredits = createRoute({
  method: 'post',
  path: '/admin/api/credits/grant',
  middleware: operatorOnly,
  request: jsonBody(GrantCredits),
  responses: { 200: json(GrantedCredits, 'The grant, and whether it is a new one') }
})
const auditLedger = createRoute({
  method: 'get',
  path: '/admin/api/ledger/audit',
  middleware: operatorOnly,
  responses: { 200: json(AuditReport, 'Every balance and chain recomputed, each difference named') }
})

export interface AdminDeps {
  readonly accounts: Accounts
  readonly ledger: Ledger
  readonly ids: Ids
  readonly clock: Clock
}

export function adminRoutes({ accounts, ledger, ids, clock }: AdminDeps) {
  async function toJson(account: Account): Promise<z.infer<typeof User>> {
    const { id, username, role, plan, tier, status } = account
    const { balance } = await ledger.balance(id)
    return {
      id,
      username,
      role,
      plan,
      tier,
      status,
      created_at: new Date(account.createdAtMs).toISOString(),
      balance: creditsToJson(balance)
    }
  }

  return createApiRouter<KnownEnv>()
    .openapi(listUsers, async (c) => c.json({ users: await Promise.all((await accounts.list()).map(toJson)) }, 200))
    .openapi(createUser, async (c) => {
      const { username, plan, tier } = c.req.valid('json')
      const by = c.var.principal.account.id
      const account = await accounts.create({ username, by, ...(plan && { plan }), ...(tier && { tier }) })
      return c.json(await toJson(account), 201)
    })
    .openapi(grantCredits, async (c) => {
      const ask = c.req.valid('json')
      const account = await accounts.byUsername(ask.username)
      const expiresAtMs = ask.expires_at === undefined ? undefined : Date.parse(ask.expires_at)
      if (expiresAtMs !== undefined && expiresAtMs <= clock.nowMs()) {
        throw new AppError('invalid_request', `expires_at: must be in the future, got ${ask.expires_at}`)
      }
      if (ask.kind === 'promotion' && expiresAtMs === undefined) {
        throw new AppError('invalid_request', 'expires_at: a promotion needs the time at which it ends')
      }
      if (expiresAtMs !== undefined && expiresAtMs <= c.var.startedAtMs) {
        throw new AppError('invalid_request', `expires_at: must be in the future, got ${ask.expires_at}`)
      }
      const result = await ledger.grant({
        accountId: account.id,
        kind: ask.kind,
        amount: creditsFromJson(ask.credits),
        reference: ask.reference ?? `operator:${ids.next('grant')}`,
        detail: { by: c.var.principal.account.username, reason: ask.reason ?? '' },
        ...(expiresAtMs !== undefined && { expiresAtMs })
      })
      const { grantId: grant_id, granted, balance } = result
      return c.json({ grant_id, granted, balance: creditsToJson(balance) }, 200)
    })
    .openapi(auditLedger, async (c) => {
      const { holdsOpen: holds_open, differences, totals, ...rest } = await ledger.audit()
      return c.json({ ...rest, holds_open, totals: mapTotals(totals), differences: [...differences] }, 200)
    })
}

/** As decimal texts: sums over all accounts may be more than a JSON number carries exactly. */
function mapTotals(totals: Totals): z.infer<typeof AuditReport>['totals'] {
  const text = (micro: bigint) => formatCredits(micro).replaceAll(',', '')
  const { grant, adjust, refund, spend, expire, forfeit, remaining, held } = totals
  return {
    granted: text(grant),
    adjusted: text(adjust),
    refunded: text(refund),
    spent: text(-spend),
    expired: text(-expire),
    forfeited: text(-forfeit),
    remaining: text(remaining),
    held: text(held)
  }
}
