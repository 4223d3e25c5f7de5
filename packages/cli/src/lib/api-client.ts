import { parseReceipt, type Receipt } from '@caicaini/protocol'
import type {
  AccountLimits,
  AuditEvent,
  AuditReport,
  Balance,
  CatalogChange,
  CatalogReload,
  CreatedKey,
  CreateUser,
  DecideStanding,
  DeviceCode,
  DeviceToken,
  DeviceTokenRefused,
  EditKey,
  Flag,
  GrantCredits,
  GrantedCredits,
  Key,
  KeyScope,
  KeySelf,
  Model,
  OperatorEvent,
  Plan,
  ProviderTest,
  QuotaPeriod,
  ServerStatus,
  ServiceStatus,
  SetAccountLimits,
  SetSubscription,
  Standing,
  Subscription,
  User
} from '@caicaini/protocol/api'
import {
  type ApiClientDeps,
  type CallOptions,
  createCaller,
  type Exchange,
  foreign,
  once,
  readText
} from './api-call.js'
import { type ChatCalls, createChatCalls } from './api-chats.js'
import { createDeviceCalls } from './api-device.js'
import { parseJson } from './api-errors.js'
import { createSessionCalls, type SessionCalls } from './api-sessions.js'
import type { WireRequest, WireResponse } from './transport.js'

export interface ApiClient extends ChatCalls, SessionCalls {
  /** How people know the server. */
  readonly server: string
  /** One request of our JSON API. A GET is tried again as `withRetries` says. */
  call<T>(method: WireRequest['method'], path: string, options: CallOptions): Promise<T>
  /** What a GET answers, as it comes: for answers that are too long to keep. */
  stream(path: string): Promise<AsyncIterable<Uint8Array>>
  /**
   * POST /v1/messages, once; resolves with a good status only. The caller limits the time by `signal`.
   * Tries of one call bring one `idempotencyKey`, so that none of them is billed beside another.
   */
  messages(
    body: unknown,
    options: {
      signal: AbortSignal
      idempotencyKey: string
      headers?: Readonly<Record<string, string>> | undefined
    }
  ): Promise<WireResponse>
  /** Input tokens of a question, and the model that would get it now. Costs nothing; tried once. */
  countTokens(body: unknown, signal: AbortSignal): Promise<TokenCount>
  /** The headers of a server that is there; needs no key. Tried once. */
  reach(): Promise<Readonly<Record<string, string>>>
  /** Opens a port on this machine to the server in this process; undefined where it is another's. */
  readonly listen: (() => Promise<string>) | undefined
  /** The receipt of a request; undefined while it is not settled. Tried once. */
  receipt(requestId: string, options: { waitS: number; signal?: AbortSignal }): Promise<Receipt | undefined>
  self(): Promise<KeySelf>
  balance(): Promise<Balance>
  models(): Promise<Model[]>
  /** `user`: another account's keys, for operators. */
  listKeys(user?: string): Promise<Key[]>
  createKey(
    key: { name: string; scope?: KeyScope; quota?: number; quota_period?: QuotaPeriod; expires_at?: string | null },
    user?: string
  ): Promise<CreatedKey>
  editKey(id: string, changes: EditKey, user?: string): Promise<Key>
  revokeKey(id: string, user?: string): Promise<Key>
  /** Another text for the key; the one before is good for `overlapS` seconds yet. */
  rotateKey(id: string, overlapS: number, user?: string): Promise<CreatedKey>
  listUsers(): Promise<User[]>
  createUser(user: CreateUser): Promise<User>
  setRole(username: string, role: User['role']): Promise<User>
  /** Stops an account. */
  decideStanding(username: string, kind: 'suspend' | 'ban', ask: DecideStanding): Promise<Standing>
  liftStanding(username: string, reason: string): Promise<Standing>
  grantCredits(grant: GrantCredits): Promise<GrantedCredits>
  userLimits(username: string): Promise<AccountLimits>
  /** `set` is the whole of what is set from now on. */
  setUserLimits(username: string, set: SetAccountLimits): Promise<AccountLimits>
  auditLedger(): Promise<AuditReport>
  plans(): Promise<Plan[]>
  /** Changes to come that touch this account. Tried once; none when the server cannot say, for they stand beside the answer. */
  notices(): Promise<readonly string[]>
  subscriptionOf(username: string): Promise<Subscription>
  setSubscription(username: string, ask: SetSubscription): Promise<Subscription>
  endSubscription(username: string): Promise<Subscription>
  /** What operators did, the newest first. */
  events(limit?: number): Promise<OperatorEvent[]>
  /** The whole log, filtered. */
  audit(asked: Readonly<Record<string, string | number>>): Promise<AuditEvent[]>
  /** What operators should look at. */
  flags(asked: Readonly<Record<string, string | number>>): Promise<Flag[]>
  decideFlag(id: string, state: 'dismissed' | 'acted'): Promise<void>
  /** Gives an account the free credits that were withheld. */
  releaseCredits(username: string): Promise<void>
  catalogChanges(): Promise<CatalogChange[]>
  forceChange(id: string, reason: string): Promise<CatalogChange>
  /** Every running server reads its catalog file again. */
  reloadCatalog(): Promise<CatalogReload[]>
  /** How the providers of every running server are doing. */
  providers(): Promise<ServerStatus[]>
  testProvider(name: string): Promise<ProviderTest>
  /** Which models are degraded. Tried once; undefined when the server cannot say, for it stands beside something else. */
  status(): Promise<ServiceStatus | undefined>
  /** Asks for a code to be signed in by (RFC 8628). Tried again as a GET is: a code that nobody sees harms nobody. */
  startDevice(form: Readonly<Record<string, string>>, signal: AbortSignal): Promise<DeviceCode>
  /** Whether it was approved by now. Once: the caller polls. */
  pollDevice(deviceCode: string, signal: AbortSignal): Promise<DeviceToken | DeviceTokenRefused>
  close(): Promise<void>
}

export function createApiClient(deps: ApiClientDeps): ApiClient {
  const { call, exchange } = createCaller(deps)
  const get = <T>(path: string, has: string) => call<T>('GET', path, { has })
  const keyPath = (id: string) => `/api/keys/${encodeURIComponent(id)}`
  const limitsPath = (username: string) => userPath(username, 'limits')
  const ofUser = (user?: string) => (user === undefined ? '' : `?username=${encodeURIComponent(user)}`)
  return {
    server: deps.transport.name,
    listen: deps.transport.listen && (() => deps.transport.listen?.() as Promise<string>),
    call,
    stream: async (path) => (await exchange({ method: 'GET', path, signal: new AbortController().signal })).body,
    messages: (body, { signal, idempotencyKey, headers }) => {
      const sent = { ...headers, 'idempotency-key': idempotencyKey }
      return exchange({ method: 'POST', path: '/v1/messages', body, signal, headers: sent })
    },
    reach: () => readHealth(deps, exchange),
    async countTokens(body, signal) {
      const response = await exchange({ method: 'POST', path: '/v1/messages/count_tokens', body, signal })
      return readCount(response)
    },
    async receipt(requestId, { waitS, signal }) {
      const path = `/api/receipts/${encodeURIComponent(requestId)}?wait=${waitS}s`
      const { status, json } = await once(deps, exchange, { method: 'GET', path, signal })
      return status === 202 ? undefined : parseReceipt(json)
    },
    self: () => get<KeySelf>('/api/keys/self', 'account'),
    balance: () => get<Balance>('/api/balance', 'balance'),
    models: async () => (await get<{ data: Model[] }>('/v1/models', 'data')).data,
    listKeys: async (user) => (await get<{ keys: Key[] }>(`/api/keys${ofUser(user)}`, 'keys')).keys,
    createKey: (key, user) => call('POST', `/api/keys${ofUser(user)}`, { body: key, has: 'key' }),
    editKey: (id, changes, user) => call('PATCH', keyPath(id) + ofUser(user), { body: changes, has: 'id' }),
    revokeKey: (id, user) => call('POST', `${keyPath(id)}/revoke${ofUser(user)}`, { has: 'id' }),
    rotateKey: (id, overlapS, user) =>
      call('POST', `${keyPath(id)}/rotate${ofUser(user)}`, { body: { overlap_s: overlapS }, has: 'key' }),
    listUsers: async () => (await get<{ users: User[] }>('/admin/api/users', 'users')).users,
    createUser: (user) => call('POST', '/admin/api/users', { body: user, has: 'id' }),
    decideStanding: (username, kind, ask) => call('POST', userPath(username, kind), { body: ask, has: 'history' }),
    liftStanding: (username, reason) =>
      call('POST', userPath(username, 'unsuspend'), { body: { reason }, has: 'history' }),
    setRole: (username, role) => call('PUT', userPath(username, 'role'), { body: { role }, has: 'role' }),
    grantCredits: (grant) => call('POST', '/admin/api/credits/grant', { body: grant, has: 'grant_id' }),
    userLimits: (username) => get<AccountLimits>(limitsPath(username), 'tier'),
    setUserLimits: (username, set) => call('PUT', limitsPath(username), { body: set, has: 'tier' }),
    auditLedger: () => get<AuditReport>('/admin/api/ledger/audit', 'ok'),
    plans: async () => (await get<{ plans: Plan[] }>('/api/plans', 'plans')).plans,
    notices: () => readNotices(deps, exchange),
    subscriptionOf: (username) => get<Subscription>(subscriptionPath(username), 'plan'),
    setSubscription: (username, ask) => call('PUT', subscriptionPath(username), { body: ask, has: 'plan' }),
    endSubscription: (username) => call('DELETE', subscriptionPath(username), { has: 'plan' }),
    events: async (limit) => {
      const asked = limit === undefined ? '' : `?limit=${limit}`
      return (await get<{ events: OperatorEvent[] }>(`/admin/api/events${asked}`, 'events')).events
    },
    audit: async (asked) => {
      return (await get<{ events: AuditEvent[] }>(`/admin/api/audit?${queryOf(asked)}`, 'events')).events
    },
    flags: async (asked) => (await get<{ flags: Flag[] }>(`/admin/api/flags?${queryOf(asked)}`, 'flags')).flags,
    decideFlag: (id, state) => post(deps, exchange, `/admin/api/flags/${encodeURIComponent(id)}`, { state }),
    releaseCredits: (username) => post(deps, exchange, userPath(username, 'release')),
    catalogChanges: async () =>
      (await get<{ changes: CatalogChange[] }>('/admin/api/catalog/changes', 'changes')).changes,
    forceChange: (id, reason) =>
      call('POST', `/admin/api/catalog/changes/${encodeURIComponent(id)}/force`, { body: { reason }, has: 'id' }),
    reloadCatalog: async () =>
      (await call<{ servers: CatalogReload[] }>('POST', '/admin/api/catalog/reload', { has: 'servers' })).servers,
    providers: async () => (await get<{ servers: ServerStatus[] }>('/admin/api/providers', 'servers')).servers,
    testProvider: (name) => call('POST', `/admin/api/providers/${encodeURIComponent(name)}/test`, { has: 'ok' }),
    status: () => readStatus(deps, exchange),
    ...createDeviceCalls(deps, exchange),
    ...createChatCalls(deps, { call, exchange }),
    ...createSessionCalls(call),
    close: () => deps.transport.close()
  }
}

/** How many tokens a question has, as the server says. */
export interface TokenCount {
  readonly inputTokens: number
  /** By the server; otherwise its provider counted. */
  readonly estimated: boolean
  readonly model: string | undefined
  readonly routeReason: string | undefined
}

async function readCount({ headers, body }: WireResponse): Promise<TokenCount> {
  const { input_tokens } = (parseJson(await readText(body)) ?? {}) as { input_tokens?: unknown }
  if (typeof input_tokens !== 'number') throw new Error('no count')
  return {
    inputTokens: input_tokens,
    estimated: headers['x-caicaini-estimated'] === 'true',
    model: headers['x-caicaini-model'],
    routeReason: headers['x-caicaini-route']
  }
}

async function readHealth(deps: ApiClientDeps, exchange: Exchange): Promise<Readonly<Record<string, string>>> {
  const { json, headers } = await once(deps, exchange, { method: 'GET', path: '/healthz' })
  if ((json as { status?: unknown } | null)?.status === 'ok') return headers
  throw foreign(deps.transport.name)
}

const queryOf = (asked: Readonly<Record<string, string | number>>) =>
  new URLSearchParams(Object.entries(asked).map(([name, value]) => [name, String(value)]))

/** For what is answered with nothing. */
async function post(deps: ApiClientDeps, exchange: Exchange, path: string, body?: object): Promise<void> {
  await once(deps, exchange, { method: 'POST', path, ...(body && { body }) })
}

const userPath = (username: string, what: string) => `/admin/api/users/${encodeURIComponent(username)}/${what}`
const subscriptionPath = (username: string) => userPath(username, 'subscription')

async function readNotices(deps: ApiClientDeps, exchange: Exchange): Promise<readonly string[]> {
  try {
    const { json } = await once(deps, exchange, { method: 'GET', path: '/api/subscription' })
    return (json as Partial<Subscription> | null)?.notices ?? []
  } catch {
    return []
  }
}

async function readStatus(deps: ApiClientDeps, exchange: Exchange): Promise<ServiceStatus | undefined> {
  try {
    const { json } = await once(deps, exchange, { method: 'GET', path: '/api/status' })
    const { models } = (json ?? {}) as Partial<ServiceStatus>
    return Array.isArray(models) ? (json as ServiceStatus) : undefined
  } catch {
    return undefined
  }
}
