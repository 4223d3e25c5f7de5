import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { refusal } from '../src/testing/refusal.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

let t: TestServer

beforeEach(async () => {
  t = await createTestServer()
})
afterEach(() => t.close())

const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'hi' }] }

test('a body over 32 MB is refused without being read', async () => {
  const response = await t.post('x'.repeat(33 * 1024 * 1024))
  expect((await refusal(response)).error.type).toBe('request_too_large')
})

test('a body over 1 MB that tells its length is refused by our JSON routes', async () => {
  const response = await fetch(`${t.url}/api/keys/self/sessions`, {
    method: 'POST',
    headers: { 'x-api-key': t.key, 'content-type': 'application/json' },
    body: JSON.stringify({ label: 'x', cap: 1, pad: 'x'.repeat(1024 * 1024) })
  })
  expect((await refusal(response)).error.message).toContain('larger than 1 MB')
})

test.each([
  ['/v1/messages', 32],
  ['/api/keys/self/sessions', 1]
])('a body of unknown length to %s is cut off at %i MB', async (path, megabytes) => {
  const status = await new Promise((resolve) => {
    const request = httpRequest(
      t.url + path,
      { method: 'POST', headers: { 'x-api-key': t.key, 'content-type': 'application/json' } },
      (response) => resolve(response.statusCode)
    )
    request.on('error', () => {})
    const chunk = Buffer.alloc(1024 * 1024, 0x20)
    let sent = 0
    const more = () => {
      while (sent++ < megabytes + 8) if (!request.write(chunk)) return void request.once('drain', more)
      request.end()
    }
    more()
  })
  expect(status).toBe(413)
})

test.each([
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
  ['deflate', deflateSync]
])('a body packed by %s is read as what it holds, and no further than the limit', async (encoding, pack) => {
  const send = (body: Uint8Array) =>
    fetch(`${t.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': t.key, 'content-encoding': encoding },
      body: new Uint8Array(body)
    })
  expect((await send(pack(JSON.stringify(ask)))).status).toBe(200)
  expect((await send(pack(Buffer.alloc(33 * 1024 * 1024, 0x20)))).status).toBe(413)
  expect((await send(Buffer.from('not packed at all'))).status).toBe(400)
})

test('a packing that nobody knows: 415', async () => {
  const response = await t.post(JSON.stringify(ask), { headers: { 'content-encoding': 'lzma' } })
  expect((await refusal(response)).status).toBe(415)
})

test('a WebSocket is told at once that there are none', async () => {
  const request = httpRequest(`${t.url}/v1/responses`, { headers: { connection: 'upgrade', upgrade: 'websocket' } })
  request.end()
  const [response] = await once(request, 'response')
  expect(response.statusCode).toBe(426)
  response.resume()
})

test('a body whose sender leaves is no fault of ours, and logs none', async () => {
  const errors: object[] = []
  const log = { info: () => undefined, warn: () => undefined, error: (fields: object) => void errors.push(fields) }
  const other = await createTestServer({ world: { log } })
  const headers = { 'x-api-key': other.key, 'content-length': '3000', expect: '100-continue' }
  const request = httpRequest(`${other.url}/v1/messages`, { method: 'POST', headers }).on('error', () => {})
  request.flushHeaders()
  await once(request, 'continue')
  request.destroy()
  await other.close()
  expect(errors).toEqual([])
})

test('requests per minute by tier; what is refused takes nothing and is not billed', async () => {
  await t.local('POST', '/admin/api/users', { username: 'free', plan: 'free' })
  await t.local('POST', '/admin/api/credits/grant', { username: 'free', credits: 100 })
  const { key } = await t.local<{ key: string }>('POST', '/api/keys?username=free', { name: 'k' })
  for (let i = 0; i < 5; i++) {
    const response = await t.post(ask, { key })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-ratelimit-tier')).toBe('free')
    expect(response.headers.get('x-ratelimit-limit-requests')).toBe('5')
    expect(response.headers.get('x-ratelimit-remaining-requests')).toBe(String(4 - i))
  }
  t.clock.advance({ seconds: 48 })
  const response = await t.post(ask, { key })
  const { status, error } = await refusal(response)
  expect({ status, type: error.type }).toEqual({ status: 429, type: 'rate_limit_error' })
  expect(error.message).toBe('Requests per minute exceeded for this key. Retry after 12s.')
  expect(response.headers.get('retry-after')).toBe('12')
  expect(t.upstream.requests).toHaveLength(5)
  t.clock.advance({ seconds: 12 })
  expect((await t.post(ask, { key })).status).toBe(200)
})

test('every answer to a known key says its tier, refusals and lists too', async () => {
  for (const response of [
    await t.post({ ...ask, max_tokens: 0 }),
    await fetch(`${t.url}/v1/models`, { headers: { 'x-api-key': t.key } })
  ]) {
    expect(response.headers.get('x-ratelimit-tier')).toBe('pay_as_you_go')
    expect(response.headers.get('x-ratelimit-limit-requests')).toBe('60')
    expect(response.headers.get('request-id')).toMatch(/^req_[0-9a-f]{32}$/)
    expect(response.headers.get('retry-after')).toBe(null)
  }
})

test('a request that the limits admit and the balance refuses takes nothing from the window', async () => {
  await t.local('POST', '/admin/api/users', { username: 'poor', plan: 'free' })
  const { key } = await t.local<{ key: string }>('POST', '/api/keys?username=poor', { name: 'k' })
  for (let i = 0; i < 8; i++) expect((await t.post(ask, { key })).status).toBe(402)
})
