import { ProviderTest, ServerStatusList, ServiceStatus } from '@caicaini/protocol/api'
import { createRoute, z } from '@hono/zod-openapi'
import { createApiRouter, json } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import { type ProbeDeps, testProvider } from './probe.js'
import type { Status } from './service.js'

const getStatus = createRoute({
  method: 'get',
  path: '/api/status',
  responses: { 200: json(ServiceStatus, 'Which models are degraded, and since when') }
})
const listProviders = createRoute({
  method: 'get',
  path: '/admin/api/providers',
  responses: { 200: json(ServerStatusList, 'Of every running server: its providers in the last fifteen minutes') }
})
const postTest = createRoute({
  method: 'post',
  path: '/admin/api/providers/{name}/test',
  request: { params: z.object({ name: z.string().min(1).max(128) }) },
  responses: { 200: json(ProviderTest, 'Whether the provider answered, after a call for one token') }
})

/** What customers and operators are told of models and providers. */
export function statusRoutes({ status, ...probe }: { status: Status } & ProbeDeps) {
  return createApiRouter<KnownEnv>()
    .openapi(getStatus, (c) => {
      const isOwner = c.var.principal.account.role === 'owner'
      return c.json(status.service({ isOwner }), 200)
    })
    .openapi(listProviders, async (c) => c.json({ servers: await status.servers() }, 200))
    .openapi(postTest, async (c) => c.json(await testProvider(c.req.valid('param').name, probe), 200))
}
