import { AccountLimits, SetAccountLimits } from '@caicaini/protocol/api'
import { createRoute, z } from '@hono/zod-openapi'
import type { Account, Accounts } from '../accounts/service.js'
import type { Catalog } from '../catalog/catalog.js'
import { ceilingOf, tierOf } from '../catalog/entitlements.js'
import { createApiRouter, json, jsonBody } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { Keys } from '../keys/service.js'

const UsernameParam = z.object({ username: z.string().min(1).max(128) })

const getLimits = createRoute({
  method: 'get',
  path: '/admin/api/users/{username}/limits',
  request: { params: UsernameParam },
  responses: { 200: json(AccountLimits, 'What is set for the account, and what holds') }
})
const putLimits = createRoute({
  method: 'put',
  path: '/admin/api/users/{username}/limits',
  request: { params: UsernameParam, ...jsonBody(SetAccountLimits) },
  responses: { 200: json(AccountLimits, 'What is set for the account from now on, and what holds') }
})

export interface LimitRoutesDeps {
  readonly accounts: Accounts
  readonly keys: Pick<Keys, 'forget'>
  readonly catalog: Catalog
}

/** An account's limits, set by hand: an enterprise's own, or a ceiling while an upstream's quota is short. */
export function limitRoutes({ accounts, keys, catalog }: LimitRoutesDeps) {
  function toJson(account: Account): z.infer<typeof AccountLimits> {
    const { name: tier, limits: key } = tierOf(catalog, account)
    const ceiling = ceilingOf(catalog, account)
    const set = (account.limits ?? {}) as SetAccountLimits
    return { username: account.username, tier, set, key: namesOf(key), account: namesOf(ceiling) }
  }

  return createApiRouter<KnownEnv>()
    .openapi(getLimits, async (c) => c.json(toJson(await accounts.byUsername(c.req.valid('param').username)), 200))
    .openapi(putLimits, async (c) => {
      const account = await accounts.setLimits(
        c.req.valid('param').username,
        c.req.valid('json'),
        c.var.principal.account.id
      )
      // Keys are remembered with their account's limits; other processes see the write by themselves.
      keys.forget()
      return c.json(toJson(account), 200)
    })
}

function namesOf(limits: ReturnType<typeof ceilingOf>): AccountLimits['key'] {
  return {
    requests_per_minute: limits.requestsPerMinute,
    input_tokens_per_minute: limits.inputTokensPerMinute,
    concurrent_streams: limits.concurrentStreams
  }
}
