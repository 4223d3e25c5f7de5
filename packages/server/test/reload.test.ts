import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditReport, CatalogChangeList, CatalogReload, KeySelf, Model, RateList } from '@caicaini/protocol/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { z } from 'zod'
import { buildServer, type Server } from '../src/app.js'
import type { CatalogFile } from '../src/catalog/schema.js'
import { readConfig } from '../src/config.js'
import { changed, shippedCatalog } from '../src/testing/catalog.js'
import { createFakeClock, type FakeClock } from '../src/testing/fake-clock.js'
import { until } from '../src/testing/server.js'
import { begin, type PlayedUpstream, playUpstream, streamEvents } from '../src/testing/upstream.js'

let dir: string
let path: string
let clock: FakeClock
let upstream: PlayedUpstream
let servers: Server[]

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'caicaini-reload-'))
  path = join(dir, 'catalog.json')
  clock = createFakeClock()
  upstream = await playUpstream()
  servers = []
  write()
})
afterEach(async () => {
  const [first] = servers
  if (first) expect((await as<AuditReport>(first, 'GET', '/admin/api/ledger/audit')).differences).toEqual([])
  for (const server of servers) await server.close()
  await upstream.close()
  rmSync(dir, { recursive: true })
})

/** Puts the shipped catalog, or what `change` makes of it, in the operator's file. */
function write(change: (file: CatalogFile) => void = () => {}): void {
  writeFileSync(path, JSON.stringify(changed(change)(shippedCatalog())))
}

/** A process on the data: one that serves, or a command beside it. */
async function start({ serving }: { serving: boolean }): Promise<{ server: Server; url: string }> {
  const env = { ANTHROPIC_API_KEY: 'sk-ant-operator', CAICAINI_ANTHROPIC_BASE_URL: upstream.url, SECOND_KEY: 'sk-2' }
  const source = serving ? { catalogPath: path } : { followsData: true }
  const config = readConfig({ dataDir: dir, ...source, env, log: 'silent' })
  const server = await buildServer({ ...config, stopLimitMs: 0 }, { clock })
  servers.push(server)
  const { url } = serving ? await server.listen({ host: '127.0.0.1', port: 0 }) : { url: '' }
  return { server, url }
}

async function as<T>(server: Server, method: string, route: string, body?: object): Promise<T> {
  const init = body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}
  const response = await server.fetchLocal(new Request(`http://local${route}`, { method, ...init }))
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return response.json() as T
}
const modelIds = async (server: Server) =>
  (await as<{ data: Model[] }>(server, 'GET', '/v1/models')).data.map(({ id }) => id)
const ask = (model: string, stream = false) => ({
  model,
  stream,
  max_tokens: 64,
  messages: [{ role: 'user', content: 'say hello' }]
})

/** A second provider at the same upstream, and a model of it. */
function withSecond(file: CatalogFile): void {
  const [haiku] = file.models.filter(({ id }) => id === 'claude-haiku-4-5')
  const { anthropic } = file.providers
  if (!haiku || anthropic?.kind !== 'anthropic') throw new Error('the catalog is another')
  const addressed = { base_url: upstream.url, base_url_env: 'SECOND_URL', api_key_env: 'SECOND_KEY' }
  file.providers.second = { ...anthropic, ...addressed }
  const named = { id: 'second-model', aliases: ['second'], families: [], upstream_id: 'second-1', provider: 'second' }
  file.models.push({ ...haiku, ...named })
}

test('a new provider and its model are there at once, with their rates published', async () => {
  const { server } = await start({ serving: true })
  write(withSecond)
  await server.reloadCatalog()
  expect(await modelIds(server)).toContain('second-model')
  const { rates } = await as<z.infer<typeof RateList>>(server, 'GET', '/api/rates')
  expect(rates.map(({ model }) => model)).toContain('second-model')
  await as(server, 'POST', '/v1/messages', ask('second'))
  expect(upstream.requests.at(-1)).toMatchObject({ headers: { 'x-api-key': 'sk-2' }, body: { model: 'second-1' } })
})

test('a bad file is refused whole, with its fault, and the one before stays in force', async () => {
  const { server } = await start({ serving: true })
  const before = await modelIds(server)
  write((file) => {
    withSecond(file)
    file.router.small = 'no-such-model'
  })
  await expect(server.reloadCatalog()).rejects.toThrow(/catalog\.json: router\.small: must be one of .*no-such-model/)
  // So is one whose rate was published with other numbers: nothing else of it is written either.
  write((file) => {
    withSecond(file)
    const rate = file.models[0]?.rates[0]
    if (rate) rate.input += 1
  })
  await expect(server.reloadCatalog()).rejects.toThrow('was published as')
  writeFileSync(path, '{"version": 1')
  await expect(server.reloadCatalog()).rejects.toThrow('is not JSON')
  expect(await modelIds(server)).toEqual(before)
  const { rates } = await as<z.infer<typeof RateList>>(server, 'GET', '/api/rates')
  expect(rates.map(({ model }) => model)).not.toContain('second-model')
  await as(server, 'POST', '/v1/messages', ask('haiku'))
})

test('what it takes from running subscriptions is held, as after a start with it', async () => {
  const { server } = await start({ serving: true })
  await as(server, 'POST', '/admin/api/users', { username: 'ada', plan: 'pro' })
  const { key } = await as<{ key: string }>(server, 'POST', '/api/keys?username=ada', { name: 'k' })
  write((file) => {
    if (file.plans.pro) file.plans.pro.keys_max = 1
  })
  await server.reloadCatalog()
  const { changes } = await as<z.infer<typeof CatalogChangeList>>(server, 'GET', '/admin/api/catalog/changes')
  expect(changes).toMatchObject([{ subject: 'plan:pro', state: 'pending', effective_at: '2026-11-22T12:00:00.000Z' }])
  const headers = { 'x-api-key': key }
  const self = await server.fetch(new Request('http://local/api/keys/self', { headers }))
  expect(((await self.json()) as KeySelf).notice).toContain('the plan Pro allows 1 keys')
})

test('an answer under way ends on the provider that it began with', async () => {
  const { server } = await start({ serving: true })
  let finish = () => {}
  upstream.play((response) => {
    begin(response, streamEvents().slice(0, 5))
    finish = () => {
      for (const event of streamEvents().slice(5)) response.write(event)
      response.end()
    }
  })
  const response = await server.fetchLocal(
    new Request('http://local/v1/messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ask('haiku', true))
    })
  )
  write((file) => {
    const { anthropic } = file.providers
    if (anthropic) anthropic.idle_timeout_ms = 5_000
  })
  await server.reloadCatalog()
  finish()
  expect(await response.text()).toContain('message_stop')
})

test('a command lets running servers read their file again, and is told what each made of it', async () => {
  const beside = (await start({ serving: false })).server
  const reload = async () =>
    (await as<{ servers: CatalogReload[] }>(beside, 'POST', '/admin/api/catalog/reload')).servers
  expect(await reload()).toEqual([])
  const { server } = await start({ serving: true })

  /** Time goes on while the command waits. */
  async function asked(): Promise<CatalogReload[]> {
    let told: CatalogReload[] | undefined
    const waiting = reload().then((servers) => {
      told = servers
    })
    await until(() => {
      if (told === undefined) clock.advance({ ms: 100 })
      return told !== undefined
    })
    await waiting
    return told ?? []
  }

  write(withSecond)
  expect(await asked()).toMatchObject([{ pid: process.pid, state: 'reloaded', fault: null }])
  expect(await modelIds(server)).toContain('second-model')
  writeFileSync(path, '{}')
  expect(await asked()).toMatchObject([{ state: 'refused', fault: expect.stringContaining('catalog.json: version') }])
  expect(await modelIds(server)).toContain('second-model')
  // What a new command follows is what is in force.
  expect(await modelIds((await start({ serving: false })).server)).toContain('second-model')
})
