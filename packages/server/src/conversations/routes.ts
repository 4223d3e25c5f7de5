import { Chat, ChatList, ChatMessageList, EditChat, ForkChat, MessageId } from '@caicaini/protocol/api'
import { createRoute, z } from '@hono/zod-openapi'
import { createApiRouter, IdParam, json, jsonBody } from '../http/openapi.js'
import { type KnownEnv, requireScope } from '../keys/authenticate.js'
import type { Conversations } from './service.js'

const OWN = requireScope(
  ['web', 'cli', 'local'],
  'chats take a key of scope "cli" (caicaini auth login makes it), a browser session, or --local'
)
const limit = z.coerce.number().int().min(1, 'must be at least 1').max(100, 'must be at most 100')

const list = createRoute({
  method: 'get',
  path: '/api/chats',
  middleware: OWN,
  request: {
    query: z.object({
      before: z.string().max(80).optional().openapi({ description: 'The `next` of the page before' }),
      limit: limit.default(50),
      id: z
        .string()
        .regex(/^chat_[0-9a-f-]{8,36}$/, 'must be chat_ and 8 characters of an id or more')
        .optional()
        .openapi({ description: 'Only those whose ids begin so' }),
      search: z
        .string()
        .trim()
        .min(1, 'must not be empty')
        .max(200, 'must be at most 200 characters')
        .optional()
        .openapi({ description: 'Looked for in titles and in what was said, whatever its case' })
    })
  },
  responses: { 200: json(ChatList, 'Chats, the one that was used last first') }
})
const show = createRoute({
  method: 'get',
  path: '/api/chats/{id}',
  middleware: OWN,
  request: { params: IdParam },
  responses: { 200: json(Chat, 'The chat') }
})
const messages = createRoute({
  method: 'get',
  path: '/api/chats/{id}/messages',
  middleware: OWN,
  request: {
    params: IdParam,
    query: z.object({
      after: MessageId.optional().openapi({ description: 'The `next` of the page before' }),
      limit: limit.default(100)
    })
  },
  responses: { 200: json(ChatMessageList, 'All of its branches, in the order in which they were stored') }
})
const edit = createRoute({
  method: 'patch',
  path: '/api/chats/{id}',
  middleware: OWN,
  request: { params: IdParam, ...jsonBody(EditChat) },
  responses: { 200: json(Chat, 'The chat as it is now') }
})
const fork = createRoute({
  method: 'post',
  path: '/api/chats/{id}/fork',
  middleware: OWN,
  request: { params: IdParam, ...jsonBody(ForkChat) },
  responses: { 201: json(Chat, 'The new chat') }
})
const remove = createRoute({
  method: 'delete',
  path: '/api/chats/{id}',
  middleware: OWN,
  request: { params: IdParam },
  responses: { 204: { description: 'It is gone from every list, and from the disk within a day' } }
})
const file = createRoute({
  method: 'get',
  path: '/api/chats/{id}/files/{sha256}',
  middleware: OWN,
  request: {
    params: IdParam.extend({ sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits') })
  },
  responses: {
    200: {
      description: 'An image or a document of the chat',
      content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }
    }
  }
})

/** Media types that a file is given out as; another might be a page with a script of somebody's. */
const SHOWN = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'application/pdf'])

/** What people do with the chats that they keep here. */
export function conversationRoutes({ conversations }: { conversations: Conversations }) {
  const { reads } = conversations
  return createApiRouter<KnownEnv>()
    .openapi(list, async (c) => {
      return c.json(await reads.list({ accountId: c.var.principal.account.id, ...c.req.valid('query') }), 200)
    })
    .openapi(show, async (c) => c.json(await reads.chat(c.var.principal.account.id, c.req.valid('param').id), 200))
    .openapi(messages, async (c) => {
      const { after, limit: most } = c.req.valid('query')
      const { id } = c.req.valid('param')
      return c.json(await reads.messages(c.var.principal.account.id, id, { after, limit: most }), 200)
    })
    .openapi(edit, async (c) => {
      const { title } = c.req.valid('json')
      return c.json(await conversations.rename(c.var.principal.account.id, c.req.valid('param').id, title), 200)
    })
    .openapi(fork, async (c) => {
      const forked = await conversations.fork(c.var.principal.account.id, c.req.valid('param').id, c.req.valid('json'))
      return c.json(forked, 201)
    })
    .openapi(remove, async (c) => {
      await conversations.remove(c.var.principal.account.id, c.req.valid('param').id)
      return c.body(null, 204)
    })
    .openapi(file, async (c) => {
      const { id: chatId, sha256 } = c.req.valid('param')
      const { body, mediaType } = await reads.file({ accountId: c.var.principal.account.id, chatId, sha256 })
      return c.body(body as Uint8Array<ArrayBuffer>, 200, {
        'content-type': SHOWN.has(mediaType) ? mediaType : 'application/octet-stream',
        'content-security-policy': "default-src 'none'; sandbox",
        'content-disposition': 'attachment'
      })
    })
}
