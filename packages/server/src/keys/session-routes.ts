import { creditsFromJson, creditsToJson, labelIn } from '@caicaini/protocol'
import { CreatedSession, CreateSession, EditSession, SessionKey, SessionKeyList } from '@caicaini/protocol/api'
import { createRoute, type z } from '@hono/zod-openapi'
import { createApiRouter, IdParam, json, jsonBody } from '../http/openapi.js'
import { type KnownEnv, requireScope } from './authenticate.js'
import type { Key } from './key.js'
import type { Keys } from './service.js'

const KEY = requireScope(['api', 'cli', 'local'], 'session keys are derived from a key: it takes one')

const list = createRoute({
  method: 'get',
  path: '/api/keys/self/sessions',
  middleware: KEY,
  responses: { 200: json(SessionKeyList, 'The session keys of this key, newest first') }
})
const create = createRoute({
  method: 'post',
  path: '/api/keys/self/sessions',
  middleware: KEY,
  request: jsonBody(CreateSession),
  responses: { 201: json(CreatedSession, 'The new session key, its text shown once') }
})
const edit = createRoute({
  method: 'patch',
  path: '/api/keys/self/sessions/{id}',
  middleware: KEY,
  request: { params: IdParam, ...jsonBody(EditSession) },
  responses: { 200: json(SessionKey, 'The session key as it is now') }
})
const end = createRoute({
  method: 'post',
  path: '/api/keys/self/sessions/{id}/end',
  middleware: KEY,
  request: { params: IdParam },
  responses: { 200: json(SessionKey, 'The session key, ended for good') }
})

/** Any key may derive session keys: their rights are at most its own, and they die with it. */
export function sessionRoutes({ keys }: { keys: Keys }) {
  return createApiRouter<KnownEnv>()
    .openapi(list, async (c) => c.json({ sessions: (await keys.sessions.list(c.var.principal.key)).map(toJson) }, 200))
    .openapi(create, async (c) => {
      const { label, cap, expires_in_s: expiresInS, repo, branch } = c.req.valid('json')
      const { key, text } = await keys.sessions.create(c.var.principal, {
        label,
        cap: creditsFromJson(cap),
        expiresInS,
        labels: { repo: labelIn(repo) ?? null, branch: labelIn(branch) ?? null }
      })
      return c.json({ ...toJson(key), key: text }, 201)
    })
    .openapi(edit, async (c) => {
      const { cap } = c.req.valid('json')
      return c.json(
        toJson(await keys.sessions.setCap(c.var.principal, c.req.valid('param').id, creditsFromJson(cap))),
        200
      )
    })
    .openapi(end, async (c) => c.json(toJson(await keys.sessions.end(c.var.principal, c.req.valid('param').id)), 200))
}

function toJson(key: Key): z.infer<typeof SessionKey> {
  return {
    id: key.id,
    label: key.name,
    hint: key.hint,
    status: key.status,
    cap: creditsToJson(key.quota),
    spent: creditsToJson(key.quotaUsed),
    created_at: new Date(key.createdAtMs).toISOString(),
    expires_at: new Date(key.expiresAtMs ?? key.createdAtMs).toISOString()
  }
}
