import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { begin, fail, streamEvents } from '../src/testing/upstream.js'

let t: TestServer

beforeEach(async () => {
  t = await createTestServer()
})
afterEach(async () => {
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'say hello' }] }
const named = (name: string, signal?: AbortSignal) => ({
  headers: { 'idempotency-key': name },
  ...(signal && { signal })
})
const errorOf = async (response: Response) => ((await response.json()) as { error: Record<string, unknown> }).error

describe('a call that brings a key of its own', () => {
  test('is answered once: again it is told the first one’s receipt, and is not billed', async () => {
    const first = await t.post(ask, named('k1'))
    expect(first.status).toBe(200)
    const again = await t.post(ask, named('k1'))
    expect(again.status).toBe(409)
    expect(again.headers.get('x-should-retry')).toBe('false')
    expect(await errorOf(again)).toMatchObject({
      code: 'idempotency_repeat',
      receipt: { request_id: first.headers.get('request-id'), credits: 0.35, status: 'complete' }
    })
    expect(t.upstream.requests).toHaveLength(1)
    expect((await t.balance()).balance).toBe(99.65)
    expect((await t.post(ask, named('k2'))).status).toBe(200)
  })

  test('is answered once for all keys of the account, but tells none the receipt of another', async () => {
    const { key: other } = await t.local<{ key: string }>('POST', '/api/keys?username=ada', { name: 'other' })
    const first = await t.post(ask, named('k1'))
    const again = await t.post(ask, { ...named('k1'), key: other })
    expect(again.status).toBe(409)
    const error = await errorOf(again)
    expect(error).toMatchObject({ code: 'idempotency_repeat' })
    expect(error.message).toContain(first.headers.get('request-id'))
    expect(error).not.toHaveProperty('receipt')
  })

  test('is told that the first is in progress while it is', async () => {
    let finish = () => {}
    t.upstream.play((response) => {
      begin(response, streamEvents().slice(0, 5))
      finish = () => {
        for (const event of streamEvents().slice(5)) response.write(event)
        response.end()
      }
    })
    const first = await t.post({ ...ask, stream: true }, named('k1'))
    const again = await t.post(ask, named('k1'))
    expect(again.status).toBe(409)
    expect(again.headers.get('retry-after')).toBe('1')
    expect(await errorOf(again)).toMatchObject({ code: 'idempotency_in_progress' })
    finish()
    expect(await first.text()).toContain('message_stop')
    expect(await errorOf(await t.post(ask, named('k1')))).toMatchObject({ code: 'idempotency_repeat' })
  })

  test('of two at the same time one is answered', async () => {
    const both = await Promise.all([t.post(ask, named('k1')), t.post(ask, named('k1'))])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
    expect(t.upstream.requests).toHaveLength(1)
  })

  test('may be tried again when the first one failed and cost nothing', async () => {
    t.upstream.play((response) => fail(response, 529, 'overloaded_error'))
    expect((await t.post(ask, named('k1'))).status).toBe(529)
    t.upstream.play((response) => {
      begin(response, streamEvents())
      response.end()
    })
    expect((await t.post({ ...ask, stream: true }, named('k1'))).status).toBe(200)
  })

  test('is refused after an abort that was billed', async () => {
    t.upstream.play((response) => begin(response, streamEvents().slice(0, 5)))
    const leave = new AbortController()
    const response = await t.post({ ...ask, stream: true }, named('k1', leave.signal))
    await response.body?.getReader().read()
    leave.abort()
    await until(async () => (await t.balance()).held === 0)
    expect(await errorOf(await t.post(ask, named('k1')))).toMatchObject({
      code: 'idempotency_repeat',
      receipt: { status: 'aborted' }
    })
  })

  test('may use the key again a day later', async () => {
    await t.post(ask, named('k1'))
    t.clock.advance({ days: 1 })
    expect((await t.post(ask, named('k1'))).status).toBe(200)
  })

  test('names no other account’s call', async () => {
    await t.post(ask, named('k1'))
    expect((await t.post(ask, { ...named('k1'), key: t.ownerKey })).status).toBe(200)
  })

  test('must name it briefly', async () => {
    const response = await t.post(ask, named('x'.repeat(256)))
    expect(response.status).toBe(400)
    expect(await errorOf(response)).toMatchObject({
      message: 'idempotency-key: must be at most 255 characters, got 256'
    })
  })
})
