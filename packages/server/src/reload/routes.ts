import { CatalogReloadList } from '@caicaini/protocol/api'
import { createRoute } from '@hono/zod-openapi'
import { createApiRouter, json } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { Reload } from './service.js'

const postReload = createRoute({
  method: 'post',
  path: '/admin/api/catalog/reload',
  responses: { 200: json(CatalogReloadList, 'What became of the catalog file at every running server') }
})

export function reloadRoutes({ reload }: { reload: Reload }) {
  return createApiRouter<KnownEnv>().openapi(postReload, async (c) =>
    c.json({ servers: await reload.reloadServers() }, 200)
  )
}
