import { creditsToJson } from '@caicaini/protocol'
import { CreateUser, User, UserList } from '@caicaini/protocol/api'
import { createRoute, type z } from '@hono/zod-openapi'
import type { Account, Accounts } from '../accounts/service.js'
import { createApiRouter, json, jsonBody } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { Ledger } from '../ledger/service.js'

const listUsers = createRoute({
  method: 'get',
  path: '/admin/api/users',
  responses: { 200: json(UserList, 'Every account, oldest first') }
})
const createUser = createRoute({
  method: 'post',
  path: '/admin/api/users',
  request: jsonBody(CreateUser),
  responses: { 201: json(User, 'The new account') }
})

export function usersRoutes({ accounts, ledger }: { accounts: Accounts; ledger: Pick<Ledger, 'balance'> }) {
  return createApiRouter<KnownEnv>()
    .openapi(listUsers, async (c) =>
      c.json({ users: await Promise.all((await accounts.list()).map((each) => userJson(ledger, each))) }, 200)
    )
    .openapi(createUser, async (c) => {
      const { username, plan, tier } = c.req.valid('json')
      const by = c.var.principal.account.id
      const account = await accounts.create({ username, by, ...(plan && { plan }), ...(tier && { tier }) })
      return c.json(await userJson(ledger, account), 201)
    })
}

/** An account as operators see it. */
export async function userJson(ledger: Pick<Ledger, 'balance'>, account: Account): Promise<z.infer<typeof User>> {
  const { id, username, role, plan, tier, status } = account
  const { balance } = await ledger.balance(id)
  const created_at = new Date(account.createdAtMs).toISOString()
  return { id, username, role, plan, tier, status, created_at, balance: creditsToJson(balance) }
}
