import { DecideFlag, FlagList, FlagsAsked } from '@caicaini/protocol/api'
import { createRoute, z } from '@hono/zod-openapi'
import { createApiRouter, IdParam, json, jsonBody } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { Signals } from './service.js'

const list = createRoute({
  method: 'get',
  path: '/admin/api/flags',
  request: { query: FlagsAsked },
  responses: { 200: json(FlagList, 'What operators should look at, the newest first') }
})
const decide = createRoute({
  method: 'post',
  path: '/admin/api/flags/{id}',
  request: { params: IdParam, ...jsonBody(DecideFlag) },
  responses: { 204: { description: 'It is open no more' } }
})
const release = createRoute({
  method: 'post',
  path: '/admin/api/users/{username}/release',
  request: { params: z.object({ username: z.string().min(1).max(128) }) },
  responses: { 204: { description: 'The account has its free credits, from now on' } }
})

/** The operators' queue. */
export function signalRoutes({ signals }: { signals: Signals }) {
  return createApiRouter<KnownEnv>()
    .openapi(list, async (c) => {
      const flags = (await signals.list(c.req.valid('query'))).map((row) => ({
        id: row.id,
        username: row.username,
        kind: row.kind,
        state: row.state as 'open' | 'dismissed' | 'acted',
        evidence: JSON.parse(row.evidence) as Record<string, unknown>,
        at: new Date(Number(row.at_ms)).toISOString(),
        by: row.decided_by_username
      }))
      return c.json({ flags }, 200)
    })
    .openapi(decide, async (c) => {
      await signals.decide(c.req.valid('param').id, { ...c.req.valid('json'), by: c.var.principal.account.id })
      return c.body(null, 204)
    })
    .openapi(release, async (c) => {
      await signals.release(c.req.valid('param').username, c.var.principal.account.id)
      return c.body(null, 204)
    })
}
