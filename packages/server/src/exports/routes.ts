import { creditsToJson } from '@caicaini/protocol'
import { AccountExport, Closing } from '@caicaini/protocol/api'
import { createRoute, type z } from '@hono/zod-openapi'
import type { Closing as ClosingService } from '../closing/service.js'
import { createApiRouter, IdParam, json } from '../http/openapi.js'
import { type KnownEnv, requireScope } from '../keys/authenticate.js'
import type { Site } from '../site/site.js'
import type { Export, Exports } from './service.js'

const OWN = requireScope(['web', 'cli', 'local'], 'it takes a browser session, a key of scope "cli", or --local')

const ask = createRoute({
  method: 'post',
  path: '/api/account/export',
  middleware: OWN,
  responses: { 202: json(AccountExport, 'It is being made, or is ready') }
})
const state = createRoute({
  method: 'get',
  path: '/api/account/export/{id}',
  middleware: OWN,
  request: { params: IdParam },
  responses: {
    200: { description: 'The ZIP', content: { 'application/zip': { schema: { type: 'string', format: 'binary' } } } }
  }
})
const preview = createRoute({
  method: 'get',
  path: '/api/account/closing',
  middleware: OWN,
  responses: { 200: json(Closing, 'What closing the account would mean, and the page where it is done') }
})

export interface LeavingRoutesDeps {
  readonly exports: Exports
  readonly closing: ClosingService
  readonly site: Site
}

/** Taking one's data along; and where an account is closed, which takes a person in a browser. */
export function leavingRoutes({ exports, closing, site }: LeavingRoutesDeps) {
  return createApiRouter<KnownEnv>()
    .openapi(ask, async (c) => c.json(toJson(await exports.ask(c.var.principal.account.id)), 202))
    .openapi(state, async (c) => {
      const body = await exports.body(c.var.principal.account.id, c.req.valid('param').id)
      return c.body(body as Uint8Array<ArrayBuffer>, 200, {
        'content-type': 'application/zip'
      })
    })
    .openapi(preview, async (c) => {
      const { forfeits } = await closing.preview(c.var.principal.account.id)
      return c.json({ forfeits: creditsToJson(forfeits), url: `${site.publicUrl}/account/close` }, 200)
    })
}

function toJson({ id, state: now, createdAtMs, expiresAtMs }: Export): z.infer<typeof AccountExport> {
  const expires_at = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString()
  return { id, state: now, created_at: new Date(createdAtMs).toISOString(), expires_at }
}
