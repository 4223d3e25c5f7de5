import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateApiKey } from '@caicaini/protocol'
import type { Key } from '@caicaini/protocol/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildServer } from '../src/app.js'
import { readConfig } from '../src/config.js'
import { refusal } from '../src/testing/refusal.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

let t: TestServer

beforeEach(async () => {
  t = await createTestServer()
})
afterEach(() => t.close())

const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'hi' }] }

describe('a key', () => {
  const get = (headers: Record<string, string>) => fetch(`${t.url}/v1/models`, { headers })

  test('is taken as x-api-key and as Bearer', async () => {
    expect((await get({ 'x-api-key': t.key })).status).toBe(200)
    expect((await get({ authorization: `Bearer ${t.key}` })).status).toBe(200)
  })

  test('is refused with the one thing that is wrong', async () => {
    const mistyped = t.key.slice(0, -1) + (t.key.endsWith('x') ? 'y' : 'x')
    const unknown = generateApiKey((length) => Buffer.alloc(length, 7))
    const cases: [Record<string, string>, string][] = [
      [{}, 'missing_key'],
      [{ authorization: `Basic ${t.key}` }, 'malformed_key'],
      [{ 'x-api-key': 'sk-ant-api03-something' }, 'malformed_key'],
      [{ 'x-api-key': mistyped }, 'mistyped_key'],
      [{ 'x-api-key': unknown }, 'unknown_key']
    ]
    for (const [headers, code] of cases) {
      const { status, error } = await refusal(await get(headers))
      expect({ status, type: error.type, code: error.code }).toEqual({
        status: 401,
        type: 'authentication_error',
        code
      })
      expect(error.message).not.toContain(t.key.slice(8, 20))
    }
  })

  test('that is disabled, enabled again, then revoked is refused at once each time', async () => {
    const { keys } = await t.local<{ keys: Key[] }>('GET', '/api/keys')
    const id = keys.find(({ name }) => name === 'owner')?.id
    const use = () => get({ 'x-api-key': t.ownerKey })
    expect((await use()).status).toBe(200)
    await t.local('PATCH', `/api/keys/${id}`, { disabled: true })
    expect((await refusal(await use())).error.code).toBe('disabled_key')
    await t.local('PATCH', `/api/keys/${id}`, { disabled: false })
    expect((await use()).status).toBe(200)
    await t.local('POST', `/api/keys/${id}/revoke`)
    expect((await refusal(await use())).error.code).toBe('revoked_key')
    await expect(t.local('PATCH', `/api/keys/${id}`, { disabled: false })).rejects.toThrow(/409/)
  })

  test('says when it was last used', async () => {
    await get({ 'x-api-key': t.ownerKey })
    const { keys } = await t.local<{ keys: Key[] }>('GET', '/api/keys')
    expect(keys.find(({ name }) => name === 'owner')?.last_used_at).toBe(new Date(t.clock.nowMs()).toISOString())
  })

  test('for the API mints no other, lists none and grants nothing; it sees itself and its balance', async () => {
    for (const [method, path] of [
      ['POST', '/api/keys'],
      ['GET', '/api/keys'],
      ['GET', '/admin/api/users'],
      ['POST', '/admin/api/credits/grant'],
      ['GET', '/admin/api/ledger/audit']
    ] as const) {
      const response = await fetch(t.url + path, { method, headers: { 'x-api-key': t.ownerKey } })
      expect((await refusal(response)).error.code).toBe('scope')
    }
    const self = await t.get<{ account: { username: string }; key: Key }>('/api/keys/self')
    expect(self).toMatchObject({ account: { username: 'ada', plan: 'pro' }, key: { name: 'laptop', scope: 'api' } })
  })

  test('sees its own receipts, not those of another account', async () => {
    const response = await t.post(ask)
    const id = response.headers.get('request-id')
    expect((await t.receipt(id)).request_id).toBe(id)
    const other = await fetch(`${t.url}/api/receipts/${id}`, { headers: { 'x-api-key': t.ownerKey } })
    expect(other.status).toBe(404)
  })

  test('cannot claim to be the owner from outside', async () => {
    const response = await fetch(`${t.url}/admin/api/users`, { headers: { local: 'true', 'x-local': '1' } })
    expect((await refusal(response)).error.code).toBe('missing_key')
  })
})

test('a key revoked by another process on the same data is refused at once', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'caicaini-two-'))
  const config = readConfig({ dataDir, env: {}, log: 'silent' })
  const [one, two] = [await buildServer(config), await buildServer(config)]
  const json = { 'content-type': 'application/json' }
  const created = await one.fetchLocal(
    new Request('http://local/api/keys', { method: 'POST', headers: json, body: '{"name":"k"}' })
  )
  const { key, id } = (await created.json()) as { key: string; id: string }
  const use = () => two.fetch(new Request('http://two/v1/models', { headers: { 'x-api-key': key } }))
  expect((await use()).status).toBe(200)
  await one.fetchLocal(new Request(`http://local/api/keys/${id}/revoke`, { method: 'POST' }))
  expect((await use()).status).toBe(401)
  await Promise.all([one.close(), two.close()])
  rmSync(dataDir, { recursive: true })
})

describe('what cannot be served is refused by name', () => {
  test.each([
    ['not JSON', '{"model":', /body/],
    ['not an object', '[1]', /object/],
    ['no model', { ...ask, model: undefined }, /^model: /],
    ['no max_tokens', { ...ask, max_tokens: undefined }, /^max_tokens: /],
    ['max_tokens of 0', { ...ask, max_tokens: 0 }, /^max_tokens: .*got 0/],
    ['no messages', { ...ask, messages: [] }, /^messages: /],
    [
      'a key twice',
      '{"model":"haiku","model":"opus","max_tokens":1,"messages":[{"role":"user","content":"x"}]}',
      /^model: .*twice/
    ],
    ['a price nobody set', { ...ask, service_tier: 'priority' }, /^service_tier: /],
    ['a server tool', { ...ask, tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, /^tools/]
  ])('%s: 400', async (_what, body, message) => {
    const { status, error } = await refusal(await t.post(body))
    expect({ status, type: error.type }).toEqual({ status: 400, type: 'invalid_request_error' })
    expect(error.message).toMatch(message)
    expect(t.upstream.requests).toHaveLength(0)
  })

  test('an unknown model: 404 with the nearest names', async () => {
    const { status, error } = await refusal(await t.post({ ...ask, model: 'cloude-haiku-4-5' }))
    expect({ status, type: error.type, code: error.code }).toEqual({
      status: 404,
      type: 'not_found_error',
      code: 'model_not_found'
    })
    expect(error.message).toContain('claude-haiku-4-5')
  })

  test('a model whose provider has no key here: the owner is told the variable, a customer is not', async () => {
    const customer = await refusal(await t.post({ ...ask, model: 'kimi' }))
    expect({ status: customer.status, code: customer.error.code }).toEqual({ status: 529, code: 'overloaded' })
    expect(customer.error.message).not.toContain('MOONSHOT')
    expect((await refusal(await t.post({ ...ask, model: 'kimi' }, { key: t.ownerKey }))).error.message).toContain(
      'MOONSHOT_API_KEY'
    )
  })

  test('a plan without API keys or without the command: 403 that names one with it', async () => {
    await t.local('POST', '/admin/api/users', { username: 'starter', plan: 'starter' })
    const { key } = await t.local<{ key: string }>('POST', '/api/keys?username=starter', { name: 'k' })
    const { status, error } = await refusal(await t.post(ask, { key, headers: { 'x-caicaini-client': 'cli/0.1.0' } }))
    expect({ status, type: error.type, code: error.code }).toEqual({
      status: 403,
      type: 'permission_error',
      code: 'plan'
    })
    expect(error.message).toMatch(/Starter.*Pro/)
  })

  test('a route that is not there: 404; a wrong method: 404; both as JSON', async () => {
    const headers = { 'x-api-key': t.key }
    expect((await refusal(await fetch(`${t.url}/nowhere`, { headers }))).status).toBe(404)
    expect((await refusal(await fetch(`${t.url}/v1/messages`, { headers }))).status).toBe(404)
    const openai = await fetch(`${t.url}/v1/audio/nowhere`, { method: 'POST', headers })
    expect(await openai.json()).toMatchObject({ error: { type: 'not_found_error', param: null } })
  })

  test('a grant that would have expired before it is made', async () => {
    const grant = (expires_at: string) =>
      t.local('POST', '/admin/api/credits/grant', { username: 'ada', credits: 1, expires_at })
    await expect(grant('2020-01-01T00:00:00Z')).rejects.toThrow(/400.*expires_at: must be in the future/)
    await grant('2030-01-01T00:00:00Z')
    expect((await t.balance()).balance).toBe(101)
  })

  test('an API body that is not JSON, is of no type, or has a field too many: named, never 500', async () => {
    const post = (body: string, headers: Record<string, string>) =>
      t.server.fetchLocal(new Request('http://local/api/keys', { method: 'POST', body, headers }))
    const json = { 'content-type': 'application/json' }
    expect((await refusal(await post('{', json))).status).toBe(400)
    expect((await refusal(await post('{"name":"x"}', { 'content-type': 'text/plain' }))).status).toBe(415)
    expect((await refusal(await post('{"name":"x","admin":true}', json))).error.message).toContain('admin')
    expect((await refusal(await post('{"name":" "}', json))).error.message).toMatch(/^name: /)
    expect((await refusal(await post('{"name":"x","quota":0.0000001}', json))).error.message).toMatch(/^quota: /)
  })
})

test('health, readiness and the description of the API', async () => {
  expect((await fetch(`${t.url}/healthz`)).status).toBe(200)
  expect((await fetch(`${t.url}/readyz`)).status).toBe(200)
  const openapi = (await (await fetch(`${t.url}/api/openapi.json`)).json()) as { paths: object }
  expect(Object.keys(openapi.paths)).toEqual(
    expect.arrayContaining([
      '/api/balance',
      '/api/keys',
      '/api/keys/self',
      '/api/receipts/{id}',
      '/admin/api/ledger/audit'
    ])
  )
})

test("a key's own quota ends in a 402 that says it was the key's", async () => {
  const { key } = await t.local<{ key: string }>('POST', '/api/keys?username=ada', { name: 'small', quota: 1 })
  const { status, error } = await refusal(await t.post(ask, { key }))
  expect({ status, code: error.code }).toEqual({ status: 402, code: 'key_quota' })
  expect(error.message).toContain("this key's own quota")
})

test("the client's version and betas travel on; where it names no version, ours does", async () => {
  const sent = async (headers: Record<string, string>) => {
    expect((await t.post(ask, { headers })).status).toBe(200)
    const { 'anthropic-version': version, 'anthropic-beta': beta } = t.upstream.requests.at(-1)?.headers ?? {}
    return { version, beta }
  }
  expect(await sent({})).toEqual({ version: '2023-06-01', beta: undefined })
  expect(await sent({ 'anthropic-version': '', 'anthropic-beta': '' })).toEqual({
    version: '2023-06-01',
    beta: undefined
  })
  expect(await sent({ 'anthropic-version': '2099-01-01', 'anthropic-beta': 'a,b' })).toEqual({
    version: '2099-01-01',
    beta: 'a,b'
  })
})

test('an unknown route under /v1 tells the limits of a known key too', async () => {
  const response = await fetch(`${t.url}/v1/nowhere`, { headers: { 'x-api-key': t.key } })
  expect(response.status).toBe(404)
  expect(response.headers.get('x-ratelimit-tier')).toBe('pay_as_you_go')
})

describe('tools find what they look for', () => {
  test('a server that is there, before they send a key', async () => {
    for (const path of ['/', '/api/hello']) {
      const response = await fetch(t.url + path, { method: 'HEAD' })
      expect({ path, status: response.status }).toEqual({ path, status: 200 })
    }
    expect((await fetch(`${t.url}/api/hello`)).status).toBe(404)
  })

  test('models in the shape that their own provider would give', async () => {
    const list = (headers: Record<string, string>) =>
      fetch(`${t.url}/v1/models`, { headers }).then((response) => response.json() as Promise<Record<string, unknown>>)
    const openai = await list({ authorization: `Bearer ${t.key}` })
    expect(openai).toMatchObject({ object: 'list' })
    expect((openai.data as object[])[1]).toEqual({
      id: 'claude-opus-4-7',
      object: 'model',
      created: 1776297600,
      owned_by: 'anthropic'
    })
    expect(await list({ authorization: `Bearer ${t.key}`, 'anthropic-version': '2023-06-01' })).toMatchObject({
      has_more: false
    })
    const one = await fetch(`${t.url}/v1/models/claude-auto`, { headers: { authorization: `Bearer ${t.key}` } })
    expect(await one.json()).toMatchObject({ id: 'caicaini/auto', object: 'model' })
  })

  test('a model of a family that the catalog does not name yet, by its own name', async () => {
    const response = await t.post({ ...ask, model: 'claude-opus-4-8' })
    expect(response.status).toBe(200)
    expect(t.upstream.requests.at(-1)?.body.model).toBe('claude-opus-4-8')
    expect(await t.receipt(response.headers.get('request-id'))).toMatchObject({
      model: 'claude-opus-4-8',
      model_used: 'claude-opus-4-8',
      rate_version: 'claude-opus-4-7@2026-04-16'
    })
  })
})
