import { AuditAsked, AuditList, EventList, EventsAsked, OwnEventList } from '@caicaini/protocol/api'
import { createRoute } from '@hono/zod-openapi'
import { createApiRouter, json } from '../http/openapi.js'
import { type KnownEnv, requireScope } from '../keys/authenticate.js'
import type { Clock } from '../lib/clock.js'
import { momentOf } from '../lib/since.js'
import type { OperatorEvent, OperatorLog } from './service.js'

const listEvents = createRoute({
  method: 'get',
  path: '/admin/api/events',
  request: { query: EventsAsked },
  responses: { 200: json(EventList, 'What operators did, the newest first') }
})
const audit = createRoute({
  method: 'get',
  path: '/admin/api/audit',
  request: { query: AuditAsked },
  responses: { 200: json(AuditList, 'Who did what, to whom and from where, the newest first') }
})
const own = createRoute({
  method: 'get',
  path: '/api/account/audit',
  middleware: requireScope(['web', 'cli', 'local'], 'it takes a browser session, a key of scope "cli", or --local'),
  request: { query: EventsAsked },
  responses: { 200: json(OwnEventList, 'What was done with and to the account, the newest first') }
})

export function operatorLogRoutes({ operatorLog, clock }: { operatorLog: OperatorLog; clock: Clock }) {
  return createApiRouter<KnownEnv>()
    .openapi(listEvents, async (c) => {
      const events = await operatorLog.list(c.req.valid('query'))
      return c.json({ events: events.map(eventJson) }, 200)
    })
    .openapi(audit, async (c) => {
      const { since, ...asked } = c.req.valid('query')
      const sinceMs = momentOf(since, clock.nowMs())
      const events = await operatorLog.list({ ...asked, sinceMs })
      // Where somebody was is no business of who only helps out.
      const seesAddress = c.var.principal.account.role !== 'support'
      const toJson = (event: OperatorEvent) => {
        const { was, became, address } = event
        const change = { before: was && { ...was }, after: became && { ...became } }
        return { ...eventJson(event), from: seesAddress ? address : null, ...change }
      }
      return c.json({ events: events.map(toJson) }, 200)
    })
    .openapi(own, async (c) => {
      const { id } = c.var.principal.account
      const events = await operatorLog.list({ concerns: id, limit: c.req.valid('query').limit })
      return c.json({ events: events.map((event) => ownJson(event, id)) }, 200)
    })
}

function eventJson({ id, actor, action, subject, atMs, detail }: OperatorEvent) {
  return { id, actor, action, subject, at: new Date(atMs).toISOString(), detail: { ...detail } }
}

/** Of what operators did, who and what they noted for each other stays with them. */
function ownJson({ id, actorId, action, atMs, detail, address }: OperatorEvent, accountId: string) {
  const isOwn = actorId === accountId
  const reason = typeof detail.reason === 'string' ? { reason: detail.reason } : {}
  return {
    id,
    at: new Date(atMs).toISOString(),
    by: isOwn ? ('you' as const) : ('operator' as const),
    action,
    from: isOwn ? address : null,
    detail: isOwn ? { ...detail } : reason
  }
}
