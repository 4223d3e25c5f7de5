import { creditsToJson } from '@caicaini/protocol'
import { type Plan, PlanList, SetSubscription, Subscription } from '@caicaini/protocol/api'
import { createRoute, z } from '@hono/zod-openapi'
import type { Accounts } from '../accounts/service.js'
import type { Catalog } from '../catalog/catalog.js'
import { createApiRouter, json, jsonBody } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { Plans, SubscriptionView } from './service.js'

const Whom = z.object({ username: z.string().min(1).max(64) })
const path = '/admin/api/users/{username}/subscription'

const listPlans = createRoute({
  method: 'get',
  path: '/api/plans',
  responses: { 200: json(PlanList, 'Every plan, and what changing to it would mean now') }
})
const ownSubscription = createRoute({
  method: 'get',
  path: '/api/subscription',
  responses: { 200: json(Subscription, "The caller's subscription") }
})
const showSubscription = createRoute({
  method: 'get',
  path,
  request: { params: Whom },
  responses: { 200: json(Subscription, "An account's subscription") }
})
const setSubscription = createRoute({
  method: 'put',
  path,
  request: { params: Whom, ...jsonBody(SetSubscription) },
  responses: { 200: json(Subscription, 'The subscription as it is now') }
})
const endSubscription = createRoute({
  method: 'delete',
  path,
  request: { params: Whom },
  responses: { 200: json(Subscription, 'The subscription, which ends with this month') }
})

export interface PlanRoutesDeps {
  readonly plans: Plans
  readonly catalog: Catalog
  readonly accounts: Accounts
  /** Changes to come that touch an account of this plan and tier, one sentence each. */
  readonly notices: (account: { role: string; plan: string; tier: string }) => readonly string[]
}

export function planRoutes({ plans, catalog, accounts, notices }: PlanRoutesDeps) {
  async function subscription(accountId: string): Promise<z.infer<typeof Subscription>> {
    const view = await plans.view(accountId)
    const planName = catalog.plans[view.account.plan]?.display_name ?? view.account.plan
    return toJson(view, { planName, notices: notices(view.account) })
  }

  return createApiRouter<KnownEnv>()
    .openapi(listPlans, async (c) => {
      const { id, role, plan } = c.var.principal.account
      const quotes = await plans.quotes(id)
      const offers = Object.keys(catalog.plans).map((name) =>
        offerToJson(catalog, name, { current: role !== 'owner' && name === plan, change: quotes.get(name) })
      )
      return c.json({ plans: offers }, 200)
    })
    .openapi(ownSubscription, async (c) => c.json(await subscription(c.var.principal.account.id), 200))
    .openapi(showSubscription, async (c) => {
      const { id } = await accounts.byUsername(c.req.valid('param').username)
      return c.json(await subscription(id), 200)
    })
    .openapi(setSubscription, async (c) => {
      const { id } = await accounts.byUsername(c.req.valid('param').username)
      await plans.change({ accountId: id, ...c.req.valid('json'), by: c.var.principal.account.id })
      return c.json(await subscription(id), 200)
    })
    .openapi(endSubscription, async (c) => {
      const { id } = await accounts.byUsername(c.req.valid('param').username)
      await plans.end({ accountId: id, by: c.var.principal.account.id })
      return c.json(await subscription(id), 200)
    })
}

type Quote = Awaited<ReturnType<Plans['quotes']>> extends ReadonlyMap<string, infer Each> ? Each : never

function offerToJson(
  catalog: Catalog,
  name: string,
  { current, change }: { current: boolean; change: Quote | undefined }
): Plan {
  const entry = catalog.plans[name] as Catalog['plans'][string]
  return {
    name,
    ...entry,
    scopes: [...entry.scopes],
    current,
    change: change
      ? {
          kind: change.kind,
          begins_month: change.beginsMonth,
          price_usd_cents: Number(change.priceCents),
          credits: creditsToJson(change.credits)
        }
      : null
  }
}

function toJson(
  { account, sinceMs, running, scheduled, thisMonth }: SubscriptionView,
  { planName, notices }: { planName: string; notices: readonly string[] }
): z.infer<typeof Subscription> {
  return {
    username: account.username,
    plan: account.plan,
    plan_name: planName,
    since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
    this_month: thisMonth && {
      month: thisMonth.month,
      credits: creditsToJson(thisMonth.micro),
      ends_at: new Date(thisMonth.endsAtMs).toISOString()
    },
    last_month: running?.lastMonth ?? null,
    scheduled: scheduled
      ? { plan: scheduled.plan, begins_month: scheduled.beginsMonth, last_month: scheduled.lastMonth }
      : null,
    notices: [...notices]
  }
}
