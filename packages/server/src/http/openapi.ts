import { AppError } from '@caicaini/protocol'
import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { Env } from 'hono'

/** A router whose invalid requests are refused with the name of the field and the mend. */
export function createApiRouter<E extends Env>(): OpenAPIHono<E> {
  return new OpenAPIHono<E>({
    defaultHook(result) {
      if (result.success) return
      const messages = result.error.issues.map(({ path, message }) =>
        path.length > 0 ? `${path.join('.')}: ${message}` : message
      )
      throw new AppError('invalid_request', messages.join('; '))
    }
  })
}

/** A JSON answer or body for `createRoute`. */
export function json<T extends z.ZodType>(schema: T, description: string) {
  return { content: { 'application/json': { schema } }, description }
}

/** A JSON body that must be there: without `required`, a missing content type would pass as `{}`. */
export function jsonBody<T extends z.ZodType>(schema: T) {
  return { body: { content: { 'application/json': { schema } }, required: true } } as const
}

export const IdParam = z.object({ id: z.string().min(1).max(128) })
