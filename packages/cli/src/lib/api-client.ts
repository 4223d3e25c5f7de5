import { parseReceipt, type Receipt } from '@caicaini/protocol'
import type {
  AccountLimits,
  AuditReport,
  Balance,
  CatalogChange,
  CatalogReload,
  CreatedKey,
  CreateUser,
  EditKey,
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
  Subscription,
  User
} from '@caicaini/protocol/api'
import { errorFromRefusal, parseJson } from './api-errors.js'
import { CliError } from './cli-error.js'
import type { Clock } from './clock.js'
import { type RetryOptions, withRetries } from './retry.js'
import type { Transport, WireRequest, WireResponse } from './transport.js'
import { createWatchdog } from './watchdog.js'

/** Longer than any of the server's own limits on these routes. */
const CALL_LIMIT_MS = 35_000
/** Answers of /api that are larger are not ours. */
const BODY_BYTES_MAX = 32 * 1024 * 1024

interface CallOptions {
  readonly body?: unknown
  readonly signal?: AbortSignal
  /** The field that tells our answer from a stranger's. */
  readonly has: string
}

export interface ApiClient {
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
  messages(body: unknown, options: { signal: AbortSignal; idempotencyKey: string }): Promise<WireResponse>
  /** The receipt of a request; undefined while it is not settled. Tried once. */
  receipt(requestId: string, options: { waitS: number; signal?: AbortSignal }): Promise<Receipt | undefined>
  self(): Promise<KeySelf>
  balance(): Promise<Balance>
  models(): Promise<Model[]>
  /** `user`: another account's keys, for operators. */
  listKeys(user?: string): Promise<Key[]>
  createKey(
    key: { name: string; scope?: KeyScope; quota?: number; quota_period?: QuotaPeriod },
    user?: string
  ): Promise<CreatedKey>
  editKey(id: string, changes: EditKey, user?: string): Promise<Key>
  revokeKey(id: string, user?: string): Promise<Key>
  listUsers(): Promise<User[]>
  createUser(user: CreateUser): Promise<User>
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
  catalogChanges(): Promise<CatalogChange[]>
  forceChange(id: string, reason: string): Promise<CatalogChange>
  /** Every running server reads its catalog file again. */
  reloadCatalog(): Promise<CatalogReload[]>
  /** How the providers of every running server are doing. */
  providers(): Promise<ServerStatus[]>
  testProvider(name: string): Promise<ProviderTest>
  /** Which models are degraded. Tried once; undefined when the server cannot say, for it stands beside something else. */
  status(): Promise<ServiceStatus | undefined>
  close(): Promise<void>
}

export interface ApiClientDeps {
  readonly transport: Transport
  /** None for the owner of a data directory. */
  readonly apiKey: string | undefined
  readonly version: string
  readonly clock: Clock
  readonly retry: Pick<RetryOptions, 'random' | 'onWait'>
}

export function createApiClient(deps: ApiClientDeps): ApiClient {
  const { call, exchange } = createCaller(deps)
  const get = <T>(path: string, has: string) => call<T>('GET', path, { has })
  const keyPath = (id: string) => `/api/keys/${encodeURIComponent(id)}`
  const limitsPath = (username: string) => `/admin/api/users/${encodeURIComponent(username)}/limits`
  const ofUser = (user?: string) => (user === undefined ? '' : `?username=${encodeURIComponent(user)}`)
  return {
    server: deps.transport.name,
    call,
    stream: async (path) => (await exchange({ method: 'GET', path, signal: new AbortController().signal })).body,
    messages: (body, { signal, idempotencyKey }) =>
      exchange({ method: 'POST', path: '/v1/messages', body, signal, headers: { 'idempotency-key': idempotencyKey } }),
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
    listUsers: async () => (await get<{ users: User[] }>('/admin/api/users', 'users')).users,
    createUser: (user) => call('POST', '/admin/api/users', { body: user, has: 'id' }),
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
    catalogChanges: async () =>
      (await get<{ changes: CatalogChange[] }>('/admin/api/catalog/changes', 'changes')).changes,
    forceChange: (id, reason) =>
      call('POST', `/admin/api/catalog/changes/${encodeURIComponent(id)}/force`, { body: { reason }, has: 'id' }),
    reloadCatalog: async () =>
      (await call<{ servers: CatalogReload[] }>('POST', '/admin/api/catalog/reload', { has: 'servers' })).servers,
    providers: async () => (await get<{ servers: ServerStatus[] }>('/admin/api/providers', 'servers')).servers,
    testProvider: (name) => call('POST', `/admin/api/providers/${encodeURIComponent(name)}/test`, { has: 'ok' }),
    status: () => readStatus(deps, exchange),
    close: () => deps.transport.close()
  }
}

const subscriptionPath = (username: string) => `/admin/api/users/${encodeURIComponent(username)}/subscription`

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

type Exchange = (request: {
  method: WireRequest['method']
  path: string
  headers?: Readonly<Record<string, string>>
  body?: unknown
  signal: AbortSignal
}) => Promise<WireResponse>

function createCaller(deps: ApiClientDeps) {
  const { transport, apiKey, version, clock, retry } = deps
  const exchange: Exchange = async ({ method, path, headers = {}, body, signal }) => {
    const response = await transport.send({
      method,
      path,
      headers: {
        accept: 'application/json, text/event-stream',
        'anthropic-version': '2023-06-01',
        'x-caicaini-client': `cli/${version}`,
        'user-agent': `caicaini/${version}`,
        ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal
    })
    if (response.status >= 200 && response.status < 300) return response
    throw errorFromRefusal({
      status: response.status,
      headers: response.headers,
      body: await readText(response.body),
      nowMs: clock.nowMs(),
      server: transport.name
    })
  }
  const call = async <T>(method: WireRequest['method'], path: string, options: CallOptions): Promise<T> => {
    const { body, signal = new AbortController().signal, has } = options
    const attempt = async () => {
      const { json } = await once(deps, exchange, { method, path, body, signal })
      if (typeof json === 'object' && json !== null && has in json) return json as T
      throw foreign(transport.name)
    }
    return method === 'GET' ? withRetries(attempt, { clock, ...retry, signal }) : attempt()
  }
  return { call, exchange }
}

/** One exchange within the time limit, its JSON read to the end. */
async function once(
  { clock, transport }: ApiClientDeps,
  exchange: Exchange,
  request: { method: WireRequest['method']; path: string; body?: unknown; signal?: AbortSignal | undefined }
): Promise<{ status: number; json: unknown }> {
  const expired = () => new CliError(7, `${transport.name} did not answer within ${CALL_LIMIT_MS / 1000} s`)
  const watchdog = createWatchdog(clock, { limitMs: CALL_LIMIT_MS, signal: request.signal, expired })
  try {
    const response = await exchange({ ...request, signal: watchdog.signal })
    return { status: response.status, json: parseJson(await readText(response.body)) }
  } finally {
    watchdog.stop()
  }
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) break
    chunks.push(chunk)
  }
  return new TextDecoder().decode(Buffer.concat(chunks))
}

/** A captive portal, a proxy's page, another program's port. */
export function foreign(server: string): CliError {
  return new CliError(7, `${server} answered something that is not Caicaini's API; is the base URL right?`)
}
