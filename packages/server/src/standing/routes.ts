import { creditsToJson } from '@caicaini/protocol'
import { DecideStanding, LiftStanding, Standing as StandingJson } from '@caicaini/protocol/api'
import { createRoute, z } from '@hono/zod-openapi'
import { createApiRouter, json, jsonBody } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { Standing } from './service.js'

const UsernameParam = z.object({ username: z.string().min(1).max(128) })

const show = createRoute({
  method: 'get',
  path: '/admin/api/users/{username}/standing',
  request: { params: UsernameParam },
  responses: { 200: json(StandingJson, 'What was decided of the account, the newest first') }
})
const decide = (kind: 'suspend' | 'ban') =>
  createRoute({
    method: 'post',
    path: `/admin/api/users/{username}/${kind}`,
    request: { params: UsernameParam, ...jsonBody(DecideStanding) },
    responses: { 200: json(StandingJson, 'The account, stopped') }
  })
const lift = createRoute({
  method: 'post',
  path: '/admin/api/users/{username}/unsuspend',
  request: { params: UsernameParam, ...jsonBody(LiftStanding) },
  responses: { 200: json(StandingJson, 'The account, which may act again') }
})

/** Whether accounts may act, as operators decide. */
export function standingRoutes({ standing }: { standing: Standing }) {
  async function toJson(username: string, forfeited = 0n): Promise<StandingJson> {
    const history = await standing.history(username)
    const [last] = history
    return {
      username,
      stopped: last !== undefined && last.kind !== 'lift',
      forfeited: creditsToJson(forfeited),
      history: history.map(({ atMs, ...rest }) => ({ ...rest, at: new Date(atMs).toISOString() }))
    }
  }

  const router = createApiRouter<KnownEnv>()
  for (const kind of ['suspend', 'ban'] as const) {
    router.openapi(decide(kind), async (c) => {
      const { username } = c.req.valid('param')
      const decision = { ...c.req.valid('json'), kind }
      const { forfeited } = await standing.suspend(username, decision, c.var.principal.account)
      return c.json(await toJson(username, forfeited), 200)
    })
  }
  return router
    .openapi(show, async (c) => c.json(await toJson(c.req.valid('param').username), 200))
    .openapi(lift, async (c) => {
      const { username } = c.req.valid('param')
      const { reason } = c.req.valid('json')
      await standing.lift(username, { reason, by: c.var.principal.account })
      return c.json(await toJson(username), 200)
    })
}
