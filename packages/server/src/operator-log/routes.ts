import { EventList, EventsAsked } from '@caicaini/protocol/api'
import { createRoute } from '@hono/zod-openapi'
import { createApiRouter, json } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { OperatorLog } from './service.js'

const listEvents = createRoute({
  method: 'get',
  path: '/admin/api/events',
  request: { query: EventsAsked },
  responses: { 200: json(EventList, 'What operators did, the newest first') }
})

export function operatorLogRoutes({ operatorLog }: { operatorLog: OperatorLog }) {
  return createApiRouter<KnownEnv>().openapi(listEvents, async (c) => {
    const events = await operatorLog.list(c.req.valid('query').limit)
    return c.json(
      {
        events: events.map(({ atMs, detail, ...rest }) => ({
          ...rest,
          at: new Date(atMs).toISOString(),
          detail: { ...detail }
        }))
      },
      200
    )
  })
}
