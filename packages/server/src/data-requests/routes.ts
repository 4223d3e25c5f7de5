import { CloseDataRequest, DataRequestClosed, DataRequestList, DataRequestsAsked } from '@caicaini/protocol/api'
import { createRoute } from '@hono/zod-openapi'
import { createApiRouter, IdParam, json, jsonBody } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { DataRequests } from './service.js'

const LISTED_MAX = 500

const list = createRoute({
  method: 'get',
  path: '/admin/api/data-requests',
  request: { query: DataRequestsAsked },
  responses: { 200: json(DataRequestList, 'What people ask about their data, the most urgent first') }
})
const close = createRoute({
  method: 'post',
  path: '/admin/api/data-requests/{id}/close',
  request: { params: IdParam, ...jsonBody(CloseDataRequest) },
  responses: { 200: json(DataRequestClosed, 'It is answered') }
})

export function dataRequestRoutes({ dataRequests }: { dataRequests: DataRequests }) {
  const instant = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
  return createApiRouter<KnownEnv>()
    .openapi(list, async (c) => {
      const requests = await dataRequests.list({ all: c.req.valid('query').all === 'true', limit: LISTED_MAX })
      return c.json(
        {
          requests: requests.map(({ createdAtMs, dueAtMs, closedAtMs, ...rest }) => ({
            ...rest,
            created_at: new Date(createdAtMs).toISOString(),
            due_at: new Date(dueAtMs).toISOString(),
            closed_at: instant(closedAtMs)
          }))
        },
        200
      )
    })
    .openapi(close, async (c) => {
      const [{ id }, { outcome }] = [c.req.valid('param'), c.req.valid('json')]
      await dataRequests.close(id, { outcome, by: c.var.principal.account.id })
      return c.json({ id, outcome }, 200)
    })
}
