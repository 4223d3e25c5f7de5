import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { refusal } from '../src/testing/refusal.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

let t: TestServer
beforeEach(async () => {
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off', CAICAINI_TRUSTED_PROXIES: '127.0.0.1' } })
})
afterEach(() => t.close())

interface KeyJson {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly key: string
  readonly quota_used: number
  readonly former_until: string | null
  readonly last_used_from: string | null
  readonly last_used_by: string | null
  readonly expires_at: string | null
}
const ask = { model: 'haiku', max_tokens: 16, messages: [{ role: 'user', content: 'hi' }] }
const keysOfAda = async () => (await t.local<{ keys: KeyJson[] }>('GET', '/api/keys?username=ada')).keys
const laptop = async () => (await keysOfAda()).find(({ name }) => name === 'laptop') as KeyJson
const rotate = async (body: object = {}) =>
  t.local<KeyJson>('POST', `/api/keys/${(await laptop()).id}/rotate?username=ada`, body)
const self = (key: string) => fetch(`${t.url}/api/keys/self`, { headers: { 'x-api-key': key } })

describe('a key that ends by itself', () => {
  test('is refused from then on, and may be given longer before', async () => {
    const expires_at = new Date(t.clock.nowMs() + 3_600_000).toISOString()
    const made = await t.local<KeyJson>('POST', '/api/keys?username=ada', { name: 'short', expires_at })
    expect(made.expires_at).toBe(expires_at)
    expect((await self(made.key)).status).toBe(200)
    t.clock.advance({ minutes: 60 })
    expect((await refusal(await self(made.key))).error.code).toBe('expired_key')
    const later = new Date(t.clock.nowMs() + 3_600_000).toISOString()
    await t.local('PATCH', `/api/keys/${made.id}?username=ada`, { expires_at: later })
    expect((await self(made.key)).status).toBe(200)
    await t.local('PATCH', `/api/keys/${made.id}?username=ada`, { expires_at: null })
    t.clock.advance({ days: 400 })
    expect((await self(made.key)).status).toBe(200)
  })

  test('cannot end in the past', async () => {
    const body = { name: 'late', expires_at: '2020-01-01T00:00:00Z' }
    await expect(t.local('POST', '/api/keys', body)).rejects.toThrow('expires_at: must be in the future')
  })
})

describe('rotating', () => {
  test('gives another text; the one before is good for a day, on the same key and its quota', async () => {
    const { id } = await laptop()
    await t.local('PATCH', `/api/keys/${id}?username=ada`, { quota: 50 })
    await (await t.post(ask)).text()
    const { quota_used: before } = await laptop()
    expect(before).toBeGreaterThan(0)
    const made = await rotate()
    expect(made).toMatchObject({ id, name: 'laptop', quota_used: before })
    expect(made.key).not.toBe(t.key)
    await (await t.post(ask)).text()
    await (await t.post(ask, { key: made.key })).text()
    expect((await laptop()).quota_used).toBeCloseTo(3 * before, 6)
    const told = (await (await self(t.key)).json()) as { notice: string }
    expect(told.notice).toContain('This key was rotated')
    expect(((await (await self(made.key)).json()) as { notice: string }).notice).toBeNull()
    t.clock.advance({ days: 1 })
    expect(await refusal(await self(t.key))).toMatchObject({ status: 401, error: { code: 'expired_key' } })
    expect((await self(made.key)).status).toBe(200)
    expect((await laptop()).former_until).toBeNull()
    expect((await t.audit()).differences).toEqual([])
  })

  test('without an overlap refuses the text before at once, also those of earlier rotations', async () => {
    const first = await rotate({ overlap_s: 7200 })
    expect((await self(t.key)).status).toBe(200)
    const second = await rotate({ overlap_s: 0 })
    expect([(await self(t.key)).status, (await self(first.key)).status]).toEqual([401, 401])
    expect((await self(second.key)).status).toBe(200)
  })

  test('revoking the key ends all its texts; a revoked key is not rotated', async () => {
    const made = await rotate()
    await t.local('POST', `/api/keys/${made.id}/revoke?username=ada`)
    expect((await refusal(await self(t.key))).error.code).toBe('revoked_key')
    expect((await refusal(await self(made.key))).error.code).toBe('revoked_key')
    await expect(t.local('POST', `/api/keys/${made.id}/rotate?username=ada`, {})).rejects.toThrow('is revoked')
  })

  test('is for people: no key rotates itself', async () => {
    const { id } = await laptop()
    const response = await fetch(`${t.url}/api/keys/${id}/rotate`, {
      method: 'POST',
      body: '{}',
      headers: { 'x-api-key': t.key, 'content-type': 'application/json' }
    })
    expect(await refusal(response)).toMatchObject({ status: 403, error: { code: 'scope' } })
  })
})

test('the last use tells the address and the program, to its owner alone', async () => {
  await fetch(`${t.url}/api/balance`, {
    headers: { 'x-api-key': t.key, 'x-forwarded-for': '203.0.113.7', 'user-agent': 'curl/8.9 (x)' }
  })
  await expect.poll(laptop).toMatchObject({ last_used_from: '203.0.113.7', last_used_by: 'curl/8.9' })
  const { key } = (await (await self(t.key)).json()) as { key: KeyJson }
  expect(key.last_used_from).toBeNull()
})

describe('a browser session', () => {
  test('makes keys only a moment after it was proven', async () => {
    const person = { username: 'grace', email: 'g@example.org', password: 'a compiler of my own', age: 18 }
    const send = (path: string, body: object, token?: string) =>
      fetch(t.url + path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
      })
    const registered = await send('/api/register', { ...person, terms: '2026-11-21' })
    const { access_token } = (await registered.json()) as { access_token: string }
    const made = (await (await send('/api/keys', { name: 'mine' }, access_token)).json()) as KeyJson
    expect((await self(made.key)).status).toBe(200)
    t.clock.advance({ minutes: 11 })
    for (const path of ['/api/keys', `/api/keys/${made.id}/rotate`]) {
      const refused = await refusal(await send(path, path === '/api/keys' ? { name: 'two' } : {}, access_token))
      expect(refused).toMatchObject({ status: 403, error: { code: 'step_up' } })
    }
    expect((await send(`/api/keys/${made.id}/revoke`, {}, access_token)).status).toBe(200)
  })
})
