import { AppError } from '@caicaini/protocol'
import { OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi'
import type { Env, MiddlewareHandler } from 'hono'

/** A router whose invalid requests are refused with the name of the field and the mend. */
export function createApiRouter<E extends Env>(): OpenAPIHono<E> {
  const router = new OpenAPIHono<E>({
    defaultHook(result) {
      if (result.success) return
      const messages = result.error.issues.map(({ path, message }) =>
        path.length > 0 ? `${path.join('.')}: ${message}` : message
      )
      throw new AppError('invalid_request', messages.join('; '))
    }
  })
  const { openapi } = router
  const withBody: (route: RouteConfig, ...rest: unknown[]) => unknown = ({ middleware = [], ...route }, ...rest) => {
    const before = route.request?.body?.required ? [requireBody] : []
    return openapi({ ...route, middleware: [middleware, before].flat() }, ...(rest as [never]))
  }
  router.openapi = withBody as typeof openapi
  return router
}

/** To the router, a request with neither a body nor its type has sent `{}`: a PUT of it would clear what it sets. */
const requireBody: MiddlewareHandler = async (c, next) => {
  if (c.req.header('content-type') === undefined && (await c.req.arrayBuffer()).byteLength === 0)
    throw new AppError('invalid_request', 'the request has no body')
  await next()
}

/** A JSON answer or body for `createRoute`. */
export function json<T extends z.ZodType>(schema: T, description: string) {
  return { content: { 'application/json': { schema } }, description }
}

/** A JSON body that must be there: without `required`, none would pass as `{}`. */
export function jsonBody<T extends z.ZodType>(schema: T) {
  return { body: { content: { 'application/json': { schema } }, required: true } } as const
}

export const IdParam = z.object({ id: z.string().min(1).max(128) })
