import { CatalogChange, CatalogChangeList, ForceChange } from '@caicaini/protocol/api'
import { createRoute, type z } from '@hono/zod-openapi'
import { createApiRouter, IdParam, json, jsonBody } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { Row } from '../storage/tables.js'
import type { CatalogTerms } from './service.js'

const listChanges = createRoute({
  method: 'get',
  path: '/admin/api/catalog/changes',
  responses: { 200: json(CatalogChangeList, 'Changes that take from running subscriptions, the newest first') }
})
const forceChange = createRoute({
  method: 'post',
  path: '/admin/api/catalog/changes/{id}/force',
  request: { params: IdParam, ...jsonBody(ForceChange) },
  responses: { 200: json(CatalogChange, 'The change, in force from now on') }
})

export interface TermsRoutesDeps {
  readonly terms: CatalogTerms
  /** Called once a change was forced: terms are others now. */
  readonly onChanged: () => Promise<void>
}

export function termsRoutes({ terms, onChanged }: TermsRoutesDeps) {
  return createApiRouter<KnownEnv>()
    .openapi(listChanges, async (c) => c.json({ changes: (await terms.list()).map(toJson) }, 200))
    .openapi(forceChange, async (c) => {
      const { id } = c.req.valid('param')
      const { reason } = c.req.valid('json')
      const change = await terms.force({ id, reason, by: c.var.principal.account.id })
      await onChanged()
      return c.json(toJson(change), 200)
    })
}

function toJson(row: Row<'catalog_change'>): z.infer<typeof CatalogChange> {
  return {
    id: row.id,
    state: row.state as z.infer<typeof CatalogChange>['state'],
    subject: row.subject,
    taken: JSON.parse(row.taken),
    accounts: Number(row.accounts),
    noticed_at: new Date(Number(row.noticed_at_ms)).toISOString(),
    effective_at: new Date(Number(row.effective_at_ms)).toISOString(),
    reason: row.reason
  }
}
