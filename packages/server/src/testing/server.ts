import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import { parseReceipt, type Receipt } from '@caicaini/protocol'
import type { AuditReport, Balance } from '@caicaini/protocol/api'
import { buildServer } from '../app.js'
import type { CatalogFile } from '../catalog/schema.js'
import { type Config, readConfig } from '../config.js'
import type { World } from '../parts.js'
import { shippedCatalog, withoutMonthlyCredits, writeCatalog } from './catalog.js'
import { createFakeClock } from './fake-clock.js'
import { createLetterBox } from './letter-box.js'
import { type PlayedUpstream, playUpstream } from './upstream.js'

export interface TestServerOptions {
  readonly dataDir?: string
  /** Credits that the customer is given. */
  readonly credits?: number
  readonly plan?: string
  /** The catalog to serve, made of the shipped one. Without it plans give no credits a month: the customer has `credits` alone. */
  readonly catalog?: (shipped: CatalogFile) => CatalogFile
  readonly env?: Config['env']
  readonly world?: Partial<World>
  /** False: no upstream key, so that only the owner's sandbox answers. */
  readonly upstream?: boolean
}

export type TestServer = Awaited<ReturnType<typeof createTestServer>>

/** A real server on a real port with a fake clock, in front of a played Anthropic, and one customer with a key. */
export async function createTestServer({
  dataDir = ':memory:',
  credits = 100,
  plan = 'pro',
  catalog = withoutMonthlyCredits,
  env = {},
  world = {},
  upstream: hasUpstream = true
}: TestServerOptions = {}) {
  const clock = createFakeClock()
  const letters = createLetterBox()
  const mailTransport = env.CAICAINI_SMTP_URL === undefined ? letters.transport : undefined
  const upstream: PlayedUpstream = await playUpstream()
  const keyEnv = hasUpstream ? { ANTHROPIC_API_KEY: 'sk-ant-operator', CAICAINI_ANTHROPIC_BASE_URL: upstream.url } : {}
  const folder = mkdtempSync(join(tmpdir(), 'caicaini-catalog-'))
  const catalogPath = writeCatalog(folder, catalog(shippedCatalog()))
  const config = readConfig({ dataDir, catalogPath, env: { ...keyEnv, ...env }, log: 'silent' })
  const server = await buildServer({ ...config, stopLimitMs: 0 }, { clock, mailTransport, ...world })
  rmSync(folder, { recursive: true })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })

  async function local<T>(method: string, path: string, body?: object): Promise<T> {
    const init = body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}
    const response = await server.fetchLocal(new Request(`http://local${path}`, { method, ...init }))
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response.json() as T
  }

  await local('POST', '/admin/api/users', { username: 'ada', plan })
  if (credits > 0) await local('POST', '/admin/api/credits/grant', { username: 'ada', credits })
  const { key: ownerKey } = await local<{ key: string }>('POST', '/api/keys', { name: 'owner' })
  const { key } = await local<{ key: string }>('POST', '/api/keys?username=ada', { name: 'laptop' })

  async function get<T>(path: string, as = key): Promise<T> {
    const response = await fetch(url + path, { headers: { 'x-api-key': as } })
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`)
    return response.json() as T
  }

  return {
    server,
    url,
    clock,
    upstream,
    /** What was mailed, where no SMTP server is named. */
    letters,
    ownerKey,
    /** The customer's. */
    key,
    get,
    /** As the owner of the data directory. */
    local,
    sdk: (as = key) => new Anthropic({ baseURL: url, apiKey: as, maxRetries: 0 }),
    post: (
      body: object | string,
      { key: as = key, ...init }: { key?: string; headers?: Record<string, string>; signal?: AbortSignal } = {}
    ) =>
      fetch(`${url}/v1/messages`, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...init,
        headers: { 'content-type': 'application/json', 'x-api-key': as, ...init.headers }
      }),
    balance: () => get<Balance>('/api/balance'),
    audit: () => local<AuditReport>('GET', '/admin/api/ledger/audit'),
    async receipt(requestId: string | null): Promise<Receipt> {
      const receipt = parseReceipt(await get(`/api/receipts/${requestId}?wait=10s`))
      if (!receipt) throw new Error(`no receipt for ${requestId}`)
      return receipt
    },
    async close() {
      await server.close()
      await upstream.close()
    }
  }
}

/** Waits, without the clock, for something that another turn of the event loop will bring. */
export async function until(fact: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await fact())) await new Promise((resolve) => setTimeout(resolve, 2))
}
