import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AccountLimits } from '@caicaini/protocol/api'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { buildServer } from '../src/app.js'
import { readConfig } from '../src/config.js'
import { changed } from '../src/testing/catalog.js'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { answer, begin, streamEvents } from '../src/testing/upstream.js'

let t: TestServer

afterEach(async () => {
  expect((await t.balance()).held).toBe(0)
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

const plain = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'hi' }] }
const streamed = { ...plain, stream: true }
const LIMITS = '/admin/api/users/ada/limits'

const secondKey = async () => (await t.local<{ key: string }>('POST', '/api/keys?username=ada', { name: 'b' })).key
const set = (body: object) => t.local<AccountLimits>('PUT', LIMITS, body)

async function messageOf(response: Response): Promise<string> {
  expect(response.status).toBe(429)
  return ((await response.json()) as { error: { message: string } }).error.message
}

test("the catalog's ceiling holds over all keys of an account, and names the account", async () => {
  t = await createTestServer({
    catalog: changed((file) => {
      file.limits.account_ceiling = { requests_per_minute: 2, input_tokens_per_minute: null, concurrent_streams: null }
    })
  })
  const other = await secondKey()
  expect((await t.post(plain)).status).toBe(200)
  t.clock.advance({ seconds: 48 })
  expect((await t.post(plain, { key: other })).status).toBe(200)
  const refused = await t.post(plain)
  expect(refused.headers.get('retry-after')).toBe('12')
  expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('59')
  expect(await messageOf(refused)).toBe('Requests per minute exceeded for this account. Retry after 12s.')
  expect(await messageOf(await t.post(plain, { key: other }))).toContain('for this account')
  // The owner's is another account.
  expect((await t.post(plain, { key: t.ownerKey })).status).toBe(200)
  t.clock.advance({ seconds: 12 })
  expect((await t.post(plain)).status).toBe(200)
})

test('an operator lowers the ceiling while requests run, and lifts it again: at once, for keys in use', async () => {
  t = await createTestServer()
  const other = await secondKey()
  const waiting: (() => void)[] = []
  t.upstream.play((response) => {
    begin(response, streamEvents().slice(0, 5))
    waiting.push(() => void response.end(streamEvents().slice(5).join('')))
  })
  const first = await t.post(streamed)
  expect((await set({ account: { concurrent_streams: 1, input_tokens_per_minute: 10 } })).account).toEqual({
    requests_per_minute: null,
    input_tokens_per_minute: 10,
    concurrent_streams: 1
  })
  const never = await t.post(plain, { key: other })
  expect(never.headers.get('x-should-retry')).toBe('false')
  expect(await messageOf(never)).toBe(
    "this request alone is larger than this account's ceiling allows in a minute: it can never fit"
  )
  await set({ account: { concurrent_streams: 1 } })
  expect(await messageOf(await t.post(streamed, { key: other }))).toBe('Concurrent streams exceeded for this account.')
  for (const end of waiting) end()
  await first.text()
  await set({})
  const streams = await Promise.all([t.post(streamed), t.post(streamed, { key: other })])
  expect(streams.map(({ status }) => status)).toEqual([200, 200])
  for (const end of waiting) end()
  for (const stream of streams) await stream.text()
})

test('limits of each key take the place of the tier’s, null for none; what is left out stays', async () => {
  t = await createTestServer({ plan: 'free' })
  expect((await t.post(plain)).headers.get('x-ratelimit-limit-requests')).toBe('5')
  const now = await set({ key: { requests_per_minute: 1000, concurrent_streams: null } })
  expect(now).toEqual({
    username: 'ada',
    tier: 'free',
    set: { key: { requests_per_minute: 1000, concurrent_streams: null }, account: {} },
    key: { requests_per_minute: 1000, input_tokens_per_minute: 20_000, concurrent_streams: null },
    account: { requests_per_minute: null, input_tokens_per_minute: null, concurrent_streams: null }
  })
  expect(await t.local('GET', LIMITS)).toEqual(now)
  const response = await t.post(plain)
  expect(response.headers.get('x-ratelimit-limit-requests')).toBe('1000')
  expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('998')
  expect(response.headers.get('x-ratelimit-tier')).toBe('free')
  await set({})
  expect(await t.local('GET', LIMITS)).toMatchObject({ set: {}, key: { requests_per_minute: 5 } })
  expect((await t.post(plain)).headers.get('x-ratelimit-limit-requests')).toBe('5')
})

test('another process on the same data lowers it for this one', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'caicaini-limits-'))
  t = await createTestServer({ dataDir })
  expect((await t.post(plain)).headers.get('x-ratelimit-limit-requests')).toBe('60')
  const other = await buildServer(readConfig({ dataDir, env: {}, log: 'silent' }))
  const body = JSON.stringify({ key: { requests_per_minute: 1 } })
  const headers = { 'content-type': 'application/json' }
  const put = await other.fetchLocal(new Request(`http://local${LIMITS}`, { method: 'PUT', body, headers }))
  expect(put.status).toBe(200)
  expect(await messageOf(await t.post(plain))).toBe('Requests per minute exceeded for this key. Retry after 60s.')
  await other.close()
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
})

test('a slot of the account comes back when a client leaves', async () => {
  t = await createTestServer()
  await set({ account: { concurrent_streams: 1 } })
  t.upstream.play((response) => begin(response, streamEvents().slice(0, 5)))
  for (let i = 0; i < 3; i++) {
    const leaving = new AbortController()
    const response = await t.post(streamed, { signal: leaving.signal })
    expect(response.status).toBe(200)
    await response.body?.getReader().read()
    leaving.abort()
    await until(async () => (await t.balance()).held === 0)
  }
  t.upstream.play((response) => answer(response))
  expect((await t.post(plain)).status).toBe(200)
})

test.each([
  [{ key: { requests_per_minute: 0 } }, 'key.requests_per_minute: must be at least 1, or null for no limit'],
  [{ key: { requests_per_minute: 1.5 } }, 'key.requests_per_minute: must be a whole number, or null for no limit'],
  [{ keys: {} }, 'Unrecognized key: "keys"']
])('%j is refused with the field and the mend', async (body, message) => {
  t = await createTestServer()
  await expect(set(body)).rejects.toThrow(JSON.stringify(message).slice(1, -1))
  await expect(t.local('PUT', '/admin/api/users/nobody/limits', {})).rejects.toThrow('404')
  const asCustomer = await fetch(t.url + LIMITS, { headers: { 'x-api-key': t.ownerKey } })
  expect(asCustomer.status).toBe(403)
})
