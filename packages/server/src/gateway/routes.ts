import { AppError } from '@caicaini/protocol'
import { Hono } from 'hono'
import type { Catalog } from '../catalog/catalog.js'
import { tierOf } from '../catalog/entitlements.js'
import type { Limiter } from '../limits/limiter.js'
import { type GatewayEnv, type MessagesDeps, postMessages, tellLimits } from './messages.js'
import { findModel, listModels } from './models.js'

export interface GatewayDeps extends MessagesDeps {
  readonly catalog: Catalog
  readonly limiter: Limiter
}

/** Everything under /v1; the principal is known by now. */
export function gatewayRoutes(deps: GatewayDeps): Hono<GatewayEnv> {
  const { catalog, limiter, clock } = deps
  return new Hono<GatewayEnv>()
    .use('/v1/*', async (c, next) => {
      await next()
      // Every answer to a known key tells its limits, refusals too; a message that took a place has told them.
      if (c.var.limitsTold) return
      const { account, key } = c.var.principal
      const { name, limits } = tierOf(catalog, account)
      const snapshot = await limiter.peek({ keyId: key.id, limits })
      tellLimits(c, { tier: name, snapshot, nowMs: clock.nowMs() })
    })
    .post('/v1/messages', postMessages(deps))
    .get('/v1/models', (c) => {
      const data = listModels(catalog, clock.nowMs())
      return c.json({ data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null })
    })
    .get('/v1/models/:id{.+}', (c) => {
      const name = c.req.param('id')
      const model = findModel(catalog, name, clock.nowMs())
      if (!model) throw new AppError('model_not_found', `model: there is no "${name}". GET /v1/models lists them.`)
      return c.json(model)
    })
}
