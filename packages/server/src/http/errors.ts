import { AppError, ERRORS, type ErrorCode } from '@caicaini/protocol'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { databaseTrouble } from '../lib/database-trouble.js'
import type { Log } from '../lib/log.js'

/**
 * Any thrown value as a refusal that may be told. What is not one is the database's trouble, which its
 * operator is told how to mend, or a bug: logged, and answered without its text.
 */
export function toAppError(error: unknown, log: Log, requestId: string): AppError {
  if (error instanceof AppError) return error
  if (error instanceof HTTPException)
    return new AppError(codeOfStatus(error.status), error.message || 'the request is malformed')
  const trouble = databaseTrouble(error)
  if (trouble) {
    log.error({ request_id: requestId, error: String(error) }, `the database cannot be used: ${trouble}`)
    return new AppError(
      'internal',
      'the server cannot use its database right now, so nothing was written or charged; it is logged under this request id'
    )
  }
  const stack = error instanceof Error ? error.stack : String(error)
  log.error({ request_id: requestId, stack }, 'unexpected error')
  return new AppError('internal', 'something went wrong here; it is logged under this request id')
}

/** The answer to a refused request, in the shape its route family speaks. */
export function errorResponse(c: Context, error: AppError, requestId: string): Response {
  const { status } = ERRORS[error.code]
  const { retryAfterS, shouldRetry } = error.details
  if (retryAfterS !== undefined) c.header('retry-after', String(retryAfterS))
  if (shouldRetry !== undefined) c.header('x-should-retry', String(shouldRetry))
  if (status === 401) c.header('www-authenticate', 'Bearer')
  return c.body(JSON.stringify(errorBody(error, { requestId, openai: isOpenAiRoute(c.req.path) })), status as 400, {
    'content-type': 'application/json'
  })
}

/** Anthropic's error body, and ours; OpenAI's for its routes. */
export function errorBody(
  { code, message, details }: AppError,
  { requestId, openai }: { requestId: string; openai: boolean }
): object {
  const kind: { type: string; openaiCode?: string } = ERRORS[code]
  if (openai) {
    return {
      error: {
        message,
        type: kind.type,
        param: details.param ?? null,
        code: kind.openaiCode ?? code,
        ...details.extra
      },
      request_id: requestId
    }
  }
  return { type: 'error', error: { type: kind.type, message, code, ...details.extra }, request_id: requestId }
}

const OPENAI_ROUTES = ['/v1/chat/', '/v1/responses', '/v1/embeddings', '/v1/audio/', '/v1/images/']

function isOpenAiRoute(path: string): boolean {
  return OPENAI_ROUTES.some((prefix) => path.startsWith(prefix))
}

function codeOfStatus(status: number): ErrorCode {
  const codes: Record<number, ErrorCode> = { 404: 'not_found', 413: 'request_too_large', 415: 'unsupported_media_type' }
  return codes[status] ?? (status >= 500 ? 'internal' : 'invalid_request')
}
