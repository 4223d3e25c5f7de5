import { AppError, creditsFromJson, creditsToJson } from '@caicaini/protocol'
import { CreatedKey, CreateKey, EditKey, Key as KeyJson, KeyList, KeySelf, Whose } from '@caicaini/protocol/api'
import { createRoute, type z } from '@hono/zod-openapi'
import { createApiRouter, IdParam, json, jsonBody } from '../http/openapi.js'
import { type KnownEnv, requireScope } from './authenticate.js'
import type { Key, Principal, Scope } from './key.js'
import type { Keys } from './service.js'
import { sessionRoutes } from './session-routes.js'

const READ = ['cli', 'web', 'local'] as const
/** A leaked key must not mint its successors: keys are made by people who have just proven who they are. */
const MINT = ['web', 'local'] as const
const MINT_MEND = 'sign in with a browser, or run it with --local on the machine that holds the data'
const LOCAL = ['local'] as const
const LOCAL_MEND = 'run it with --local on the machine that holds the data'
const CLI_MEND = 'it takes a key of scope "cli", a browser session, or --local'

const self = createRoute({
  method: 'get',
  path: '/api/keys/self',
  middleware: requireScope(['api', 'cli', 'local'], 'a browser session has no key: GET /api/account'),
  responses: { 200: json(KeySelf, 'Who this key speaks for') }
})
const list = createRoute({
  method: 'get',
  path: '/api/keys',
  middleware: requireScope(READ, CLI_MEND),
  request: { query: Whose },
  responses: { 200: json(KeyList, "The account's keys, oldest first") }
})
const create = createRoute({
  method: 'post',
  path: '/api/keys',
  middleware: requireScope(MINT, MINT_MEND),
  request: { query: Whose, ...jsonBody(CreateKey) },
  responses: { 201: json(CreatedKey, 'The new key, its text shown once') }
})
const edit = createRoute({
  method: 'patch',
  path: '/api/keys/{id}',
  middleware: requireScope(LOCAL, LOCAL_MEND),
  request: { params: IdParam, query: Whose, ...jsonBody(EditKey) },
  responses: { 200: json(KeyJson, 'The key as it is now') }
})
const revoke = createRoute({
  method: 'post',
  path: '/api/keys/{id}/revoke',
  middleware: requireScope(READ, CLI_MEND),
  request: { params: IdParam, query: Whose },
  responses: { 200: json(KeyJson, 'The key, revoked for good') }
})

export interface KeyRoutesDeps {
  readonly keys: Keys
  /** The id of an account by its username; 404 where there is none. */
  readonly accountId: (username: string) => Promise<string>
  /** The tier in force for an account: its own, or a higher one that its plan grants. */
  readonly tierOf: (account: Principal['account']) => string
  /** What this account should know of this server, such as that the sandbox answers. */
  readonly notice: (account: Principal['account']) => string | null
  /** Refuses who has not proven of late who they are. */
  readonly requireProof: (principal: Principal) => Promise<void>
}

export function keyRoutes({ keys, accountId, tierOf, notice, requireProof }: KeyRoutesDeps) {
  /** The account whose keys are meant; another than one's own is for operators. */
  async function whose({ account, key }: Principal, username: string | undefined): Promise<string> {
    if (username === undefined || username === account.username) return account.id
    if (key.scope !== 'local')
      throw new AppError('scope', `username: another account's keys are for operators; ${LOCAL_MEND}`)
    return accountId(username)
  }

  return createApiRouter<KnownEnv>()
    .route('/', sessionRoutes({ keys }))
    .openapi(self, async (c) => {
      const { key, account } = c.var.principal
      const fresh = await keys.get(account.id, key.id)
      const { id, username, role, plan } = account
      const known = { id, username, role, plan, tier: tierOf(account) }
      return c.json({ key: toJson(fresh), account: known, notice: notice(account) }, 200)
    })
    .openapi(list, async (c) => {
      const accountId = await whose(c.var.principal, c.req.valid('query').username)
      return c.json({ keys: (await keys.list(accountId)).map(toJson) }, 200)
    })
    .openapi(create, async (c) => {
      await requireProof(c.var.principal)
      const accountId = await whose(c.var.principal, c.req.valid('query').username)
      const { name, scope, quota, quota_period: quotaPeriod } = c.req.valid('json')
      const ask = { name, scope, quota: creditsFromJson(quota), quotaPeriod }
      const { key, text } = await keys.create(accountId, ask)
      return c.json({ ...toJson(key), key: text }, 201)
    })
    .openapi(edit, async (c) => {
      const accountId = await whose(c.var.principal, c.req.valid('query').username)
      const { name, quota, quota_period: quotaPeriod, disabled } = c.req.valid('json')
      const key = await keys.edit(accountId, c.req.valid('param').id, {
        ...(name !== undefined && { name }),
        ...(quota !== undefined && { quota: creditsFromJson(quota) }),
        ...(quotaPeriod !== undefined && { quotaPeriod }),
        ...(disabled !== undefined && { disabled })
      })
      return c.json(toJson(key), 200)
    })
    .openapi(revoke, async (c) => {
      const accountId = await whose(c.var.principal, c.req.valid('query').username)
      return c.json(toJson(await keys.revoke(accountId, c.req.valid('param').id)), 200)
    })
}

function toJson(key: Key): z.infer<typeof KeyJson> {
  return {
    id: key.id,
    name: key.name,
    // A browser session stands in a key's place, and is none.
    scope: key.scope as Exclude<Scope, 'web'>,
    hint: key.hint,
    status: key.status,
    quota: creditsToJson(key.quota),
    quota_period: key.quotaPeriod,
    quota_used: creditsToJson(key.quotaUsed),
    created_at: new Date(key.createdAtMs).toISOString(),
    last_used_at: toInstant(key.lastUsedAtMs),
    expires_at: toInstant(key.expiresAtMs)
  }
}

function toInstant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
