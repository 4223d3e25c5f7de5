import { AppError, creditsFromJson, creditsToJson } from '@caicaini/protocol'
import {
  CreatedKey,
  CreateKey,
  EditKey,
  Key as KeyJson,
  KeyList,
  KeySelf,
  RotateKey,
  Whose
} from '@caicaini/protocol/api'
import { createRoute, type z } from '@hono/zod-openapi'
import { createApiRouter, IdParam, json, jsonBody } from '../http/openapi.js'
import { type KnownEnv, requireScope } from './authenticate.js'
import type { Key, KeyUse, Principal, Scope } from './key.js'
import type { Keys } from './service.js'
import { sessionRoutes } from './session-routes.js'

const READ = ['cli', 'web', 'local'] as const
/** A leaked key must not mint its successors: keys are made by people, in a browser or on the machine itself. */
const PEOPLE = ['web', 'local'] as const
const PEOPLE_MEND = 'do it on the page /account/keys, or with --local on the machine that holds the data'
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
  middleware: requireScope(PEOPLE, PEOPLE_MEND),
  request: { query: Whose, ...jsonBody(CreateKey) },
  responses: { 201: json(CreatedKey, 'The new key, its text shown once') }
})
const edit = createRoute({
  method: 'patch',
  path: '/api/keys/{id}',
  middleware: requireScope(PEOPLE, PEOPLE_MEND),
  request: { params: IdParam, query: Whose, ...jsonBody(EditKey) },
  responses: { 200: json(KeyJson, 'The key as it is now') }
})
const rotate = createRoute({
  method: 'post',
  path: '/api/keys/{id}/rotate',
  middleware: requireScope(PEOPLE, PEOPLE_MEND),
  request: { params: IdParam, query: Whose, ...jsonBody(RotateKey) },
  responses: { 200: json(CreatedKey, 'The key with another text, shown once; the one before is good for a while yet') }
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
  readonly notice: (principal: Principal) => string | null | Promise<string | null>
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
      return c.json({ key: keyJson(fresh), account: known, notice: await notice(c.var.principal) }, 200)
    })
    .openapi(list, async (c) => {
      const accountId = await whose(c.var.principal, c.req.valid('query').username)
      const [all, uses] = await Promise.all([keys.list(accountId), keys.uses(accountId)])
      return c.json({ keys: all.map((key) => keyJson(key, uses.get(key.id))) }, 200)
    })
    .openapi(create, async (c) => {
      const { principal } = c.var
      const accountId = await whose(principal, c.req.valid('query').username)
      await requireProof(principal)
      const { name, scope, quota, quota_period: quotaPeriod, expires_at } = c.req.valid('json')
      const expiresAtMs = expires_at === null ? null : Date.parse(expires_at)
      const ask = { name, scope, quota: creditsFromJson(quota), quotaPeriod, expiresAtMs }
      const { key, text } = await keys.create(accountId, ask, principal.account.id)
      return c.json({ ...keyJson(key), key: text }, 201)
    })
    .openapi(edit, async (c) => {
      const { principal } = c.var
      const accountId = await whose(principal, c.req.valid('query').username)
      await requireProof(principal)
      const { name, quota, quota_period: quotaPeriod, disabled, expires_at } = c.req.valid('json')
      const changes = {
        ...(name !== undefined && { name }),
        ...(quota !== undefined && { quota: creditsFromJson(quota) }),
        ...(quotaPeriod !== undefined && { quotaPeriod }),
        ...(disabled !== undefined && { disabled }),
        ...(expires_at !== undefined && { expiresAtMs: expires_at === null ? null : Date.parse(expires_at) })
      }
      return c.json(keyJson(await keys.edit(accountId, c.req.valid('param').id, changes, principal.account.id)), 200)
    })
    .openapi(rotate, async (c) => {
      const { principal } = c.var
      const accountId = await whose(principal, c.req.valid('query').username)
      await requireProof(principal)
      const ask = { overlapMs: c.req.valid('json').overlap_s * 1000, by: principal.account.id }
      const { key, text } = await keys.upkeep.rotate(accountId, c.req.valid('param').id, ask)
      return c.json({ ...keyJson(key), key: text }, 200)
    })
    .openapi(revoke, async (c) => {
      const { principal } = c.var
      const accountId = await whose(principal, c.req.valid('query').username)
      return c.json(keyJson(await keys.revoke(accountId, c.req.valid('param').id, principal.account.id)), 200)
    })
}

/** `use` is for its owner's eyes: who has but the key's text learns no address by it. */
function keyJson(key: Key, use?: KeyUse): z.infer<typeof KeyJson> {
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
    rotated_at: toInstant(key.rotatedAtMs),
    former_until: toInstant(key.formerUntilMs),
    last_used_at: toInstant(key.lastUsedAtMs),
    last_used_from: use?.address ?? null,
    last_used_by: use?.client ?? null,
    expires_at: toInstant(key.expiresAtMs)
  }
}

function toInstant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
