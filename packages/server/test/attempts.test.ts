import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { changed } from '../src/testing/catalog.js'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { answer, begin, fail, type Play, streamEvents } from '../src/testing/upstream.js'

let t: TestServer

beforeEach(async () => {
  t = await createTestServer({
    catalog: (file) => {
      const whole = changed(() => {})(file)
      const { anthropic } = whole.providers
      if (anthropic?.kind === 'anthropic') {
        anthropic.tries_max = 3
        anthropic.more_keys = [{ env: 'ANTHROPIC_API_KEY_2', weight: 1 }]
      }
      return whole
    },
    env: { ANTHROPIC_API_KEY_2: 'sk-ant-second' }
  })
})
afterEach(async () => {
  expect((await t.balance()).held).toBe(0)
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'say hello' }] }
const streamed = { ...ask, stream: true }

/** Answers one way after the other, the last one for good. */
function inTurn(...plays: Play[]): void {
  let at = 0
  t.upstream.play((response, request) => plays[Math.min(at++, plays.length - 1)]?.(response, request))
}
const overloaded: Play = (response) => fail(response, 529, 'overloaded_error')
const whole: Play = (response, { body }) => {
  if (!body.stream) return answer(response)
  begin(response, streamEvents())
  response.end()
}

/** Lets the waits between tries pass until the answer is there. */
async function patiently(pending: Promise<Response>): Promise<Response> {
  let done = false
  const noted = pending.finally(() => {
    done = true
  })
  await until(() => {
    if (!done) t.clock.advance({ ms: 100 })
    return done
  })
  return noted
}

describe('before its first byte a request is tried again', () => {
  test.each([ask, streamed])('after a failure, and billed once', async (body) => {
    inTurn(overloaded, (response) => void response.destroy(), whole)
    const response = await patiently(t.post(body))
    expect(response.status).toBe(200)
    await response.text()
    expect(t.upstream.requests).toHaveLength(3)
    expect((await t.balance()).balance).toBe(99.65)
  })

  test('three times at most, then it is told', async () => {
    inTurn(overloaded)
    expect((await patiently(t.post(ask))).status).toBe(529)
    expect(t.upstream.requests).toHaveLength(3)
  })

  test('no sooner than the provider asks for; a wait that is too long ends it at once, and is told', async () => {
    const later =
      (seconds: number): Play =>
      (response) =>
        void response.writeHead(429, { 'retry-after': String(seconds) }).end('{"error":{"message":"slow down"}}')
    inTurn(later(4), whole)
    const before = t.clock.nowMs()
    expect((await patiently(t.post(ask))).status).toBe(200)
    expect(t.clock.nowMs() - before).toBeGreaterThanOrEqual(4_000)
    inTurn(later(60))
    const refused = await t.post(ask)
    expect(refused.status).toBe(529)
    expect(refused.headers.get('retry-after')).toBe('60')
    expect(t.upstream.requests).toHaveLength(3)
  })

  test('not where the request itself is at fault, and never once a byte has come', async () => {
    inTurn((response) => fail(response, 400, 'invalid_request_error'))
    expect((await t.post(ask)).status).toBe(400)
    inTurn((response) => {
      begin(response, streamEvents().slice(0, 5))
      setImmediate(() => response.destroy())
    })
    expect(await (await t.post(streamed)).text()).toContain('event: error')
    expect(t.upstream.requests).toHaveLength(2)
  })

  test('not after its client has left', async () => {
    inTurn(overloaded)
    const leave = new AbortController()
    const arrived = t.upstream.nextRequest()
    const pending = t.post(streamed, { signal: leave.signal }).catch(() => undefined)
    await arrived
    leave.abort()
    await pending
    await until(async () => (await t.balance()).held === 0)
    t.clock.advance({ minutes: 1 })
    expect(t.upstream.requests).toHaveLength(1)
  })
})

describe('another model', () => {
  const down: Play = (response, request) =>
    (request.body.model === 'claude-haiku-4-5' ? overloaded : whole)(response, request)

  test('stands in where the caller named it; the receipt says who answered, at whose price', async () => {
    t.upstream.play(down)
    const response = await patiently(t.post(ask, { headers: { 'x-caicaini-fallback': 'sonnet, opus' } }))
    expect(response.status).toBe(200)
    expect(response.headers.get('x-caicaini-route')).toBe('Claude Haiku 4.5 failed, so Claude Sonnet 4.6')
    // Sonnet: three times Haiku's price.
    expect(JSON.parse(response.headers.get('caicaini-receipt') ?? '')).toMatchObject({
      model: 'claude-haiku-4-5',
      model_used: 'claude-sonnet-4-6',
      rate_version: 'claude-sonnet-4-6@2026-02-17',
      credits: 1.05
    })
  })

  test('is asked by nobody else: a picked model’s prompt goes to no other', async () => {
    t.upstream.play(down)
    expect((await patiently(t.post(ask))).status).toBe(529)
    expect(new Set(t.upstream.requests.map(({ body }) => body.model))).toEqual(new Set(['claude-haiku-4-5']))
  })

  test('is the router’s other one for auto', async () => {
    t.upstream.play(down)
    const response = await patiently(t.post({ ...ask, model: 'auto' }))
    expect(response.status).toBe(200)
    expect(JSON.parse(response.headers.get('caicaini-receipt') ?? '')).toMatchObject({
      model_used: 'claude-sonnet-4-6'
    })
  })

  test('that is none is refused by its name', async () => {
    const response = await t.post(ask, { headers: { 'x-caicaini-fallback': 'nothing-like-it' } })
    expect(response.status).toBe(404)
    expect(await response.text()).toContain('x-caicaini-fallback: there is no \\"nothing-like-it\\"')
  })
})

describe('a provider that keeps failing', () => {
  test('is not asked for a while, then once; that answer decides', async () => {
    inTurn(overloaded)
    for (let i = 0; i < 2; i++) expect((await patiently(t.post(ask))).status).toBe(529)
    const asked = t.upstream.requests.length
    const refused = await t.post(ask)
    expect(refused.status).toBe(529)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(t.upstream.requests).toHaveLength(asked)
    t.clock.advance({ seconds: 15 })
    inTurn(whole)
    expect((await t.post(ask)).status).toBe(200)
    expect((await t.post(ask)).status).toBe(200)
  })
})

describe('a key that is refused', () => {
  test('is set aside, and another one answers; the customer hears nothing of it', async () => {
    t.upstream.play((response, request) =>
      request.headers['x-api-key'] === 'sk-ant-operator' ? fail(response, 401) : whole(response, request)
    )
    for (let i = 0; i < 12; i++) expect((await t.post(ask)).status).toBe(200)
    const refused = t.upstream.requests.filter(({ headers }) => headers['x-api-key'] === 'sk-ant-operator')
    expect(refused.length).toBeLessThanOrEqual(1)
  })

  test('with all others leaves nobody to ask: 502, without asking again', async () => {
    inTurn((response) => fail(response, 401))
    expect((await t.post(ask)).status).toBe(502)
    const asked = t.upstream.requests.length
    expect(asked).toBe(2)
    expect((await t.post(ask)).status).toBe(502)
    expect(t.upstream.requests).toHaveLength(asked)
  })
})
