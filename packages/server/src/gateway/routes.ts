import { AppError } from '@caicaini/protocol'
import { Hono, type MiddlewareHandler } from 'hono'
import { ROUTES } from '../catalog/serves.js'
import type { Admission } from './admission.js'
import { type CountTokensDeps, countTokens } from './count-tokens.js'
import { limitScopes } from './limit-scopes.js'
import { type GatewayEnv, type MessagesDeps, postAnswer, tellLimits } from './messages.js'
import { findModel, isOpenAiClient, listModels, toOpenAiModel } from './models.js'
import { postThrough } from './passthrough/post.js'

export interface GatewayDeps extends MessagesDeps, CountTokensDeps {
  readonly admission: Admission
  /** Refuses keys that were refused too often; its answers tell the key's limits like any other. */
  readonly guardKey: MiddlewareHandler<GatewayEnv>
}

/** Everything under /v1; the principal is known by now. */
export function gatewayRoutes(deps: GatewayDeps): Hono<GatewayEnv> {
  const { catalog, limiter, clock, guardKey } = deps
  return new Hono<GatewayEnv>()
    .use('/v1/*', async (c, next) => {
      await next()
      // Every answer to a known key tells its limits, refusals too; a message that took a place has told them.
      if (c.var.limitsTold) return
      const { tier, ...scopes } = limitScopes(catalog, c.var.principal)
      tellLimits(c, { tier, snapshot: await limiter.peek(scopes), nowMs: clock.nowMs() })
    })
    .use('/v1/*', guardKey)
    .post('/v1/messages', postAnswer('messages', deps))
    .post('/v1/chat/completions', postAnswer('chat', deps))
    .post('/v1/responses', postAnswer('responses', deps))
    .post(ROUTES.embeddings, postThrough('embeddings', deps))
    .post(ROUTES.images, postThrough('images', deps))
    .post(ROUTES.speech, postThrough('speech', deps))
    .post(ROUTES.transcriptions, postThrough('transcriptions', deps))
    .post('/v1/messages/count_tokens', countTokens(deps))
    .get('/v1/models', (c) => {
      const data = listModels(catalog, clock.nowMs())
      if (isOpenAiClient(c.req.raw.headers)) return c.json({ object: 'list', data: data.map(toOpenAiModel) })
      return c.json({ data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null })
    })
    .get('/v1/models/:id{.+}', (c) => {
      const name = c.req.param('id')
      const model = findModel(catalog, name, clock.nowMs())
      if (!model) throw new AppError('model_not_found', `model: there is no "${name}". GET /v1/models lists them.`)
      return c.json(isOpenAiClient(c.req.raw.headers) ? toOpenAiModel(model) : model)
    })
}
