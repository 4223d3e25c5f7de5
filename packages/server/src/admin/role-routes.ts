import { SetRole, User } from '@caicaini/protocol/api'
import { createRoute, z } from '@hono/zod-openapi'
import type { Accounts } from '../accounts/service.js'
import { createApiRouter, json, jsonBody } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { Keys } from '../keys/service.js'
import type { Ledger } from '../ledger/service.js'
import { userJson } from './users-routes.js'

const setRole = createRoute({
  method: 'put',
  path: '/admin/api/users/{username}/role',
  request: { params: z.object({ username: z.string().min(1).max(128) }), ...jsonBody(SetRole) },
  responses: { 200: json(User, 'The account, with another role') }
})

export interface RoleRoutesDeps {
  readonly accounts: Accounts
  readonly ledger: Pick<Ledger, 'balance'>
  readonly keys: Pick<Keys, 'forget'>
}

export function roleRoutes({ accounts, ledger, keys }: RoleRoutesDeps) {
  return createApiRouter<KnownEnv>().openapi(setRole, async (c) => {
    const { username } = c.req.valid('param')
    const account = await accounts.setRole(username, c.req.valid('json').role, c.var.principal.account.id)
    // Keys are remembered with their account's role.
    keys.forget()
    return c.json(await userJson(ledger, account), 200)
  })
}
