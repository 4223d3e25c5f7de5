import { afterEach, expect, test } from 'vitest'
import { changed } from '../src/testing/catalog.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

let t: TestServer

afterEach(async () => {
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

const plain = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'hi' }] }
const faulty = { ...plain, max_tokens: 0 }

/** Three refusals a minute by key, five by address. */
async function start(env: Record<string, string> = {}): Promise<void> {
  t = await createTestServer({
    env,
    catalog: changed((file) => {
      Object.assign(file.limits, { refusals_per_minute_per_key: 3, refusals_per_minute_per_address: 5 })
    })
  })
}

const by = (address: string) => ({ headers: { 'x-forwarded-for': address } })
const unknownKey = `${'cai_api_'}${'0'.repeat(36)}`

async function refusal(response: Response) {
  const { error } = (await response.json()) as { error: { code: string; message: string } }
  return { status: response.status, ...error, retryAfter: response.headers.get('retry-after') }
}

const tooMany = (whose: string, seconds: number) => ({
  status: 429,
  type: 'rate_limit_error',
  code: 'rate_limit',
  message: `Too many refused requests from this ${whose}. Retry after ${seconds}s.`,
  retryAfter: `${seconds}`
})

test('a key that keeps being refused is refused whatever it asks, until its minute is over', async () => {
  await start()
  for (let i = 0; i < 3; i++) expect((await t.post(faulty)).status).toBe(400)
  t.clock.advance({ seconds: 48 })
  const refused = await t.post(plain)
  expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('60')
  expect(await refusal(refused)).toEqual(tooMany('key', 12))
  // Under /api too, and another key is nobody's concern.
  const balance = await fetch(`${t.url}/api/balance`, { headers: { 'x-api-key': t.key } })
  expect(await refusal(balance)).toEqual(tooMany('key', 12))
  expect((await t.post(plain, { key: t.ownerKey })).status).toBe(200)
  expect(t.upstream.requests).toHaveLength(1)
  // These answers counted no further: with the minute it is over.
  for (let i = 0; i < 20; i++) expect((await t.post(plain)).status).toBe(429)
  t.clock.advance({ seconds: 12 })
  expect((await t.post(plain)).status).toBe(200)
})

test('an address that tries keys is refused before the key is looked up and the body read', async () => {
  await start()
  for (let i = 0; i < 5; i++) {
    expect((await t.post(plain, { key: unknownKey, ...by('203.0.113.7') })).status).toBe(401)
  }
  const large = 'x'.repeat(33 * 1024 * 1024)
  expect(await refusal(await t.post(large, by('203.0.113.7')))).toEqual(tooMany('address', 60))
  for (const path of ['/v1/models', '/api/balance', '/admin/api/users']) {
    const response = await fetch(t.url + path, by('203.0.113.7'))
    expect(await refusal(response)).toEqual(tooMany('address', 60))
  }
  // The neighbour, the proxy itself, and what needs no key go on.
  expect((await t.post(plain, by('203.0.113.8'))).status).toBe(200)
  expect((await t.post(plain)).status).toBe(200)
  for (const path of ['/healthz', '/api/openapi.json'])
    expect((await fetch(t.url + path, by('203.0.113.7'))).status).toBe(200)
  t.clock.advance({ minutes: 1 })
  expect((await t.post(plain, by('203.0.113.7'))).status).toBe(200)
})

test('an IPv6 client is its /64; what it writes into the header itself is not believed', async () => {
  await start()
  for (let i = 0; i < 5; i++) {
    const claimed = `198.51.100.${i}, 2001:db8:1:2::${i}`
    expect((await t.post(plain, { key: unknownKey, ...by(claimed) })).status).toBe(401)
  }
  expect(await refusal(await t.post(plain, by('2001:db8:1:2:ffff::1')))).toEqual(tooMany('address', 60))
  expect((await t.post(plain, by('2001:db8:1:3::1'))).status).toBe(200)
})

test('404 is no refusal, and a program on this machine has no address', async () => {
  await start()
  for (let i = 0; i < 10; i++) {
    expect((await t.get('/v1/models/nothing').catch((error) => String(error))) as string).toContain('404')
    expect((await t.post(plain, { key: unknownKey })).status).toBe(401)
  }
  expect((await t.post(plain)).status).toBe(200)
})

test('the owner in this process is never refused for being refused', async () => {
  await start()
  for (let i = 0; i < 10; i++) await expect(t.local('POST', '/v1/messages', faulty)).rejects.toThrow('400')
  expect(await t.local('GET', '/api/balance')).toMatchObject({ held: 0 })
})

test('who is not a trusted proxy cannot choose its address', async () => {
  await start({ CAICAINI_TRUSTED_PROXIES: '10.0.0.0/8' })
  for (let i = 0; i < 10; i++) expect((await t.post(plain, { key: unknownKey, ...by('203.0.113.7') })).status).toBe(401)
})
