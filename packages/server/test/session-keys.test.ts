import type { CreatedSession, Key, SessionKey } from '@caicaini/protocol/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestServer, type TestServer } from '../src/testing/server.js'

let t: TestServer

beforeEach(async () => {
  t = await createTestServer()
})
afterEach(async () => {
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

// 100 in and 50 out of Haiku: 0.35 credits; 5.2 are held for 1,024 tokens and the input.
const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'say hello' }] }

async function send<T>(method: string, path: string, body?: object, key = t.key): Promise<{ status: number; json: T }> {
  const response = await fetch(t.url + path, {
    method,
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) })
  })
  return { status: response.status, json: (await response.json()) as T }
}

const derive = async (body: object = { label: 'run 1', cap: 10 }) =>
  (await send<CreatedSession>('POST', '/api/keys/self/sessions', body)).json

const messageOf = async (response: Response) =>
  ((await response.json()) as { error: { message: string; code: string } }).error

describe('a session key', () => {
  test('spends from its parent’s account up to its cap, counted on both', async () => {
    const session = await derive({ label: 'run 1', cap: 5.5 })
    expect((await t.post(ask, { key: session.key })).status).toBe(200)
    const [listed] = (await send<{ sessions: SessionKey[] }>('GET', '/api/keys/self/sessions')).json.sessions
    expect(listed).toMatchObject({ label: 'run 1', cap: 5.5, spent: 0.35, status: 'active' })
    const { keys } = await t.local<{ keys: Key[] }>('GET', '/api/keys?username=ada')
    expect(keys).toHaveLength(1)
    expect(keys[0]).toMatchObject({ name: 'laptop', quota_used: 0.35 })
    // 5.15 are left of the cap: less than the least answer costs.
    const refused = await t.post(ask, { key: session.key })
    expect(refused.status).toBe(402)
    expect(await messageOf(refused)).toMatchObject({ code: 'key_quota' })
  })

  test('has its cap raised while it runs', async () => {
    const session = await derive({ label: 'run 1', cap: 1 })
    expect((await t.post(ask, { key: session.key })).status).toBe(402)
    const path = `/api/keys/self/sessions/${session.id}`
    expect((await send<SessionKey>('PATCH', path, { cap: 20 })).json).toMatchObject({ cap: 20 })
    expect((await t.post(ask, { key: session.key })).status).toBe(200)
    // Not by itself, and not by another key.
    expect((await send('PATCH', path, { cap: 90 }, session.key)).status).toBe(404)
    expect((await send('PATCH', path, { cap: 90 }, t.ownerKey)).status).toBe(404)
  })

  test('is held to its parent’s quota as well, and is told whose it was', async () => {
    const { keys } = await t.local<{ keys: Key[] }>('GET', '/api/keys?username=ada')
    await t.local('PATCH', `/api/keys/${keys[0]?.id}?username=ada`, { quota: 2 })
    const session = await derive({ label: 'run 1', cap: 50 })
    const refused = await t.post(ask, { key: session.key })
    expect(refused.status).toBe(402)
    expect((await messageOf(refused)).message).toContain('the quota of the key that this one was made from')
  })

  test('dies with its parent, at once', async () => {
    const session = await derive()
    const { keys } = await t.local<{ keys: Key[] }>('GET', '/api/keys?username=ada')
    const parent = `/api/keys/${keys[0]?.id}`
    await t.local('PATCH', `${parent}?username=ada`, { disabled: true })
    expect((await t.post(ask, { key: session.key })).status).toBe(401)
    await t.local('PATCH', `${parent}?username=ada`, { disabled: false })
    expect((await t.post(ask, { key: session.key })).status).toBe(200)
    await t.local('POST', `${parent}/revoke?username=ada`)
    expect(await messageOf(await t.post(ask, { key: session.key }))).toMatchObject({ code: 'revoked_key' })
  })

  test('ends when it is ended, and when its time is over', async () => {
    const [one, two] = [await derive(), await derive({ label: 'run 2', cap: 10, expires_in_s: 60 })]
    expect((await send<SessionKey>('POST', `/api/keys/self/sessions/${one.id}/end`)).json.status).toBe('revoked')
    expect(await messageOf(await t.post(ask, { key: one.key }))).toMatchObject({ code: 'revoked_key' })
    expect((await t.post(ask, { key: two.key })).status).toBe(200)
    t.clock.advance({ minutes: 1 })
    expect(await messageOf(await t.post(ask, { key: two.key }))).toMatchObject({ code: 'expired_key' })
  })

  test('derives no further keys and sees its own receipts; its parent sees them too', async () => {
    const session = await derive()
    const again = await send('POST', '/api/keys/self/sessions', { label: 'x', cap: 1 }, session.key)
    expect(again).toMatchObject({ status: 403, json: { error: { code: 'scope' } } })
    const requestId = (await t.post(ask, { key: session.key })).headers.get('request-id')
    const own = (await t.post(ask)).headers.get('request-id')
    expect((await send('GET', `/api/receipts/${requestId}`, undefined, session.key)).status).toBe(200)
    expect((await send('GET', `/api/receipts/${own}`, undefined, session.key)).status).toBe(404)
    expect((await send('GET', `/api/receipts/${requestId}`)).status).toBe(200)
  })

  test.each([
    [{ label: 'x' }, 'cap: '],
    [{ label: 'x', cap: 0 }, 'cap: must be more than 0'],
    [{ label: '', cap: 1 }, 'label: must not be empty'],
    [{ label: 'x', cap: 1, expires_in_s: 0 }, 'expires_in_s: must be at least 1']
  ])('of %o is refused: %s', async (body, message) => {
    const { status, json } = await send<{ error: { message: string } }>('POST', '/api/keys/self/sessions', body)
    expect(status).toBe(400)
    expect(json.error.message).toContain(message)
  })
})

describe('a quota by the day', () => {
  test('begins anew with the UTC day; by the month it does not', async () => {
    const { keys } = await t.local<{ keys: Key[] }>('GET', '/api/keys?username=ada')
    const path = `/api/keys/${keys[0]?.id}?username=ada`
    await t.local('PATCH', path, { quota: 5.5, quota_period: 'day' })
    expect((await t.post(ask)).status).toBe(200)
    expect((await t.post(ask)).status).toBe(402)
    t.clock.advance({ minutes: 12 * 60 })
    expect((await t.post(ask)).status).toBe(200)
    const self = () => t.get<{ key: Key }>('/api/keys/self')
    expect((await self()).key).toMatchObject({ quota_period: 'day', quota_used: 0.35 })
    // What was spent in the month so far counts in a quota that is by the month from now on.
    await t.local('PATCH', path, { quota_period: 'month' })
    expect((await self()).key).toMatchObject({ quota_period: 'month', quota_used: 0.7 })
    expect((await t.post(ask)).status).toBe(402)
    t.clock.advance({ days: 15 })
    expect((await self()).key.quota_used).toBe(0)
    expect((await t.post(ask)).status).toBe(200)
    await t.local('PATCH', path, { quota_period: 'life' })
    expect((await self()).key.quota_used).toBe(1.05)
  })
})
