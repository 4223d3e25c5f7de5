import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Env } from 'hono'

const HEAD = {
  openapi: '3.1.0',
  info: { title: 'Caicaini Code', version: '1' },
  security: [{ bearer: [] }, { key: [] }]
}

const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: "A key, or a browser session's access token" },
  key: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'A key' }
} as const

const ERROR_BODY = {
  type: 'object',
  properties: {
    type: { const: 'error' },
    error: {
      type: 'object',
      properties: {
        type: { type: 'string' },
        message: { type: 'string' },
        code: { type: 'string', description: 'Tells apart what has the same type' }
      },
      required: ['type', 'message', 'code']
    },
    request_id: { type: 'string' }
  },
  required: ['type', 'error', 'request_id']
} as const

/** What any route may answer beside its own. */
const REFUSALS: Readonly<Record<string, string>> = {
  400: 'A field is missing or wrong, or the body is not what it says',
  401: 'Not known: no key or session, or one that is good no more',
  403: 'Known, but not allowed',
  404: 'There is no such thing',
  409: 'It does not go with what is there',
  413: 'The body is too large',
  415: 'The body is of a type that is not read here',
  429: 'Too much, or refused too often',
  500: 'A fault of ours, logged under the request id',
  529: 'What this needs, such as the captcha, cannot be asked right now'
}

/** The listener's own answer, before there is a request to speak of. */
const HEAD_TOO_LARGE = { description: 'The address and the headers are too long together; there is no body' }

const ERROR_REF = { $ref: '#/components/schemas/ErrorBody' }
const RETRY_AFTER = { description: 'Seconds to wait, where waiting helps', schema: { type: 'integer', minimum: 0 } }

interface Content {
  readonly schema?: object
}
interface Answer {
  readonly content?: Readonly<Record<string, Content>>
}
interface Operation {
  readonly responses?: Readonly<Record<string, Answer>>
}

/** The routes of `api` as OpenAPI 3.1, each with the refusals that it may answer; `isOpen` says which need no key. */
export function describe<E extends Env>(api: OpenAPIHono<E>, isOpen: (path: string) => boolean): object {
  const { components, paths, ...rest } = api.getOpenAPI31Document(HEAD)
  return {
    ...rest,
    components: {
      ...components,
      schemas: { ...components?.schemas, ErrorBody: ERROR_BODY },
      responses: refusals(),
      securitySchemes: SECURITY_SCHEMES
    },
    paths: mapValues(paths ?? {}, (methods, path) =>
      mapValues(methods as Record<string, Operation>, (operation) => ({
        ...operation,
        ...(isOpen(path) && { security: [] }),
        responses: withRefusals(operation.responses ?? {})
      }))
    )
  }
}

function refusals(): object {
  const answers = mapValues(REFUSALS, (description, status) => ({
    description,
    ...(status === '429' && { headers: { 'retry-after': RETRY_AFTER } }),
    content: { 'application/json': { schema: ERROR_REF } }
  }))
  return { ...answers, 431: HEAD_TOO_LARGE }
}

/** A refusal that a route describes itself, such as OAuth's, is one of two. */
function withRefusals(own: NonNullable<Operation['responses']>): object {
  const shared = [...Object.keys(REFUSALS), '431'].map((status) => [
    status,
    { $ref: `#/components/responses/${status}` }
  ])
  const either = mapValues(own, (answer, status) => {
    const schema = answer.content?.['application/json']?.schema
    if (!(status in REFUSALS) || !schema) return answer
    return { ...answer, content: { 'application/json': { schema: { anyOf: [schema, ERROR_REF] } } } }
  })
  return { ...Object.fromEntries(shared), ...either }
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]))
}
