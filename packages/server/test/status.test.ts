import type { ProviderTest, ServerStatus, ServiceStatus } from '@caicaini/protocol/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { createSharedData } from '../src/testing/shared-data.js'
import { answer, fail } from '../src/testing/upstream.js'

let t: TestServer
beforeEach(async () => {
  t = await createTestServer({ env: { CAICAINI_METRICS_TOKEN: undefined } })
})
afterEach(async () => {
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

const ask = { model: 'haiku', max_tokens: 1024, messages: [{ role: 'user', content: 'say hello' }] }
const haiku = 'claude-haiku-4-5'
const servers = async () => (await t.local<{ servers: ServerStatus[] }>('GET', '/admin/api/providers')).servers
const anthropic = async () => (await servers())[0]?.providers.find(({ name }) => name === 'anthropic')
const stateOf = async (id: string) => (await t.get<ServiceStatus>('/api/status')).models.find((each) => each.id === id)

test('requests, errors, latencies and the breaker of a model are told', async () => {
  await t.post(ask)
  t.upstream.play((response) => fail(response, 500))
  for (let i = 0; i < 5; i++) await t.post(ask)
  const [server] = await servers()
  expect(server).toMatchObject({ serving: true, pid: process.pid, as_of: '2026-11-15T12:00:00.000Z' })
  const status = await anthropic()
  expect(status).toMatchObject({ configured: true, keys: [{ env: 'ANTHROPIC_API_KEY', last_status: null }] })
  expect(status?.models.find(({ model }) => model === haiku)).toEqual({
    model: haiku,
    breaker: 'open',
    breaker_since: '2026-11-15T12:00:00.000Z',
    requests: 6,
    errors: 5,
    error_rate: 0.833,
    first_token_ms: { p50: 10, p95: 10, p99: 10 },
    latency_ms: { p50: 10, p95: 10, p99: 10 }
  })
  expect(JSON.stringify(await servers())).not.toContain('sk-ant-operator')
})

test('a key that was refused is named, with until when it is set aside', async () => {
  t.upstream.play((response) => fail(response, 401))
  await t.post(ask)
  expect((await anthropic())?.keys).toEqual([
    { env: 'ANTHROPIC_API_KEY', last_status: 401, set_aside_until: '2026-11-15T12:00:30.000Z' }
  ])
  t.clock.advance({ seconds: 30 })
  expect((await anthropic())?.keys).toMatchObject([{ last_status: 401, set_aside_until: null }])
})

test('a provider is tested by one token of its cheapest model, and nobody is billed', async () => {
  const path = '/admin/api/providers/anthropic/test'
  expect(await t.local<ProviderTest>('POST', path)).toEqual({
    provider: 'anthropic',
    model: haiku,
    ok: true,
    latency_ms: 0,
    mend: null
  })
  expect(t.upstream.requests[0]?.body).toEqual({
    model: haiku,
    max_tokens: 1,
    messages: [{ role: 'user', content: 'Hi' }]
  })
  t.upstream.play((response) => fail(response, 401))
  expect(await t.local<ProviderTest>('POST', path)).toMatchObject({
    ok: false,
    mend: expect.stringMatching(/answered 401.*mend ANTHROPIC_API_KEY/)
  })
  expect(await t.local<ProviderTest>('POST', '/admin/api/providers/moonshot/test')).toMatchObject({
    ok: false,
    mend: expect.stringContaining('MOONSHOT_API_KEY')
  })
  await expect(t.local('POST', '/admin/api/providers/anthropc/test')).rejects.toThrow('404')
  expect((await t.balance()).balance).toBe(100)
})

test('customers are told which models are degraded, since when, and which are not to be had', async () => {
  expect(await t.get('/api/status')).toMatchObject({ status: 'ok' })
  t.upstream.play((response) => fail(response, 529, 'overloaded_error'))
  for (let i = 0; i < 5; i++) await t.post(ask)
  expect((await t.get<ServiceStatus>('/api/status')).status).toBe('degraded')
  expect(await stateOf(haiku)).toEqual({
    id: haiku,
    aliases: ['caicaini/haiku', 'haiku'],
    state: 'degraded',
    since: '2026-11-15T12:00:00.000Z',
    note: 'its provider is failing, and is not asked for a while'
  })
  expect(await stateOf('claude-opus-4-7')).toMatchObject({ state: 'ok', since: null })
  expect(await stateOf('kimi-k2.5')).toMatchObject({ state: 'unavailable' })
  t.clock.advance({ seconds: 15 })
  expect(await stateOf(haiku)).toMatchObject({ state: 'degraded', note: 'the next request tries its provider' })
  t.upstream.play((response) => answer(response))
  expect((await t.post(ask)).status).toBe(200)
  expect(await stateOf(haiku)).toMatchObject({ state: 'ok' })
})

test('a command beside a server is told what that last told, while it lives', async () => {
  const data = createSharedData()
  const beside = await data.start()
  const told = async () => (await beside.get<{ servers: ServerStatus[] }>('/admin/api/providers')).servers
  expect(await told()).toMatchObject([{ serving: false }])
  const serving = await createTestServer({ dataDir: data.dir, world: { clock: data.clock } })
  const asked = async () =>
    (await told())[0]?.providers.find(({ name }) => name === 'anthropic')?.models.find(({ model }) => model === haiku)
  expect(await told()).toMatchObject([{ serving: true }])
  expect(await asked()).toMatchObject({ requests: 0 })
  await serving.post(ask)
  data.clock.advance({ seconds: 30 })
  await until(async () => (await asked())?.requests === 1)
  await serving.close()
  expect(await told()).toMatchObject([{ serving: false }])
  await data.close()
})

test('operators alone are told of keys', async () => {
  for (const [method, path] of [
    ['GET', '/admin/api/providers'],
    ['POST', '/admin/api/providers/anthropic/test']
  ] as const) {
    expect((await fetch(t.url + path, { method, headers: { 'x-api-key': t.ownerKey } })).status).toBe(403)
  }
})
