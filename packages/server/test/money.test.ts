import { creditsFromJson } from '@caicaini/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { begin, fail, plainMessage, sse, streamEvents } from '../src/testing/upstream.js'

let t: TestServer

beforeEach(async () => {
  t = await createTestServer()
})

/** However a request ended: the books agree, nothing is left held, and the balance fell by what the receipts say. */
afterEach(async () => {
  const { held } = await t.balance()
  expect(held).toBe(0)
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'say hello' }] }
const streamed = { ...ask, stream: true }

// Haiku 4.5: $1 and $5 per million tokens, so 100 in and 50 out are 0.1 + 0.25 credits.
const COST = 0.35

async function spent(): Promise<number> {
  return Number(creditsFromJson(100) - creditsFromJson((await t.balance()).balance)) / 1e6
}

describe('answered', () => {
  test('a plain answer is billed what the upstream counted, to the micro-credit', async () => {
    const response = await t.post(ask)
    expect(await response.json()).toEqual(plainMessage())
    const receipt = JSON.parse(response.headers.get('caicaini-receipt') ?? '')
    expect(receipt).toMatchObject({
      status: 'complete',
      input_tokens: 100,
      output_tokens: 50,
      credits: COST,
      balance: 99.65
    })
    expect(receipt).toEqual(await t.receipt(response.headers.get('request-id')))
    expect(await spent()).toBe(COST)
  })

  test("a streamed answer is the upstream's, byte for byte, but for the receipt before its final event", async () => {
    const events = streamEvents()
    t.upstream.play((response) => {
      begin(response, events)
      response.end()
    })
    const response = await t.post(streamed)
    const text = await response.text()
    const match = /: caicaini-receipt (.*)\n\n/.exec(text)
    expect(text.replace(match?.[0] ?? '', '')).toBe(events.join(''))
    expect(text.endsWith(`${match?.[0]}${events.at(-1)}`)).toBe(true)
    expect(JSON.parse(match?.[1] ?? '')).toMatchObject({
      status: 'complete',
      credits: COST,
      stop_reason: 'end_turn',
      balance: 99.65
    })
    expect(await spent()).toBe(COST)
  })

  test('cached tokens are billed at their own rates and never twice', async () => {
    const usage = {
      input_tokens: 10,
      output_tokens: 20,
      cache_creation_input_tokens: 1000,
      cache_read_input_tokens: 5000
    }
    t.upstream.play((response) => {
      begin(response, streamEvents({ usage }))
      response.end()
    })
    const response = await t.post(streamed)
    await response.text()
    const receipt = await t.receipt(response.headers.get('request-id'))
    // 10 × 1 + 20 × 5 + 1000 × 1.25 + 5000 × 0.1, per million, × 1000 credits
    expect(receipt).toMatchObject({
      input_tokens: 10,
      cache_read_tokens: 5000,
      cache_write_tokens: 1000,
      credits: 1.86
    })
    expect(await spent()).toBe(1.86)
  })

  test('the receipt is an event for a client that asks for one', async () => {
    t.upstream.play((response) => {
      begin(response, streamEvents())
      response.end()
    })
    const response = await t.post(streamed, { headers: { 'x-caicaini-receipt': 'event' } })
    expect(await response.text()).toMatch(/event: caicaini_receipt\ndata: \{"request_id":.*\}\n\nevent: message_stop/)
  })
})

describe('the client leaves', () => {
  test('before a byte came from the upstream: nothing is charged and the upstream is stopped', async () => {
    t.upstream.play(() => {})
    const arrived = t.upstream.nextRequest()
    const stopped = t.upstream.nextAbort()
    const leave = new AbortController()
    const gone = t.post(streamed, { signal: leave.signal }).catch((error) => error.name)
    await arrived
    leave.abort()
    expect(await gone).toBe('AbortError')
    await stopped
    await until(async () => (await t.balance()).held === 0)
    expect(await spent()).toBe(0)
  })

  test.each([
    ['after message_start', 1, 0],
    ['after the first words', 4, 2],
    ['after all words, before the end', 7, 4]
  ])(
    '%s: the input and what was delivered are billed, and said to be estimated',
    async (_when, eventCount, outputTokensMax) => {
      t.upstream.play((response) => begin(response, streamEvents().slice(0, eventCount)))
      const stopped = t.upstream.nextAbort()
      const leave = new AbortController()
      const response = await t.post(streamed, { signal: leave.signal })
      const reader = response.body?.getReader()
      await reader?.read()
      leave.abort()
      await stopped
      const receipt = await t.receipt(response.headers.get('request-id'))
      expect(receipt).toMatchObject({ status: 'aborted', estimated: true, input_tokens: 100 })
      expect(receipt.output_tokens).toBeLessThanOrEqual(outputTokensMax)
      expect(await spent()).toBe(receipt.credits)
      expect(receipt.credits).toBeGreaterThanOrEqual(0.1)
    }
  )

  test('during a plain answer: the provider finishes, and is billed', async () => {
    let finish = () => {}
    t.upstream.play((response) => {
      finish = () => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(plainMessage()))
    })
    const arrived = t.upstream.nextRequest()
    const leave = new AbortController()
    const gone = t.post(ask, { signal: leave.signal }).catch((error) => error.name)
    await arrived
    leave.abort()
    expect(await gone).toBe('AbortError')
    finish()
    await until(async () => (await spent()) === COST)
  })
})

describe('the provider fails', () => {
  test.each([
    [401, 502, 'upstream_error'],
    [402, 502, 'upstream_error'],
    [403, 502, 'upstream_error'],
    [429, 529, 'overloaded'],
    [500, 502, 'upstream_error'],
    [529, 529, 'overloaded']
  ])(
    "with %i: the customer gets %i, none of the operator's text, and no charge",
    async (upstreamStatus, status, code) => {
      t.upstream.play((response) => fail(response, upstreamStatus))
      for (const body of [ask, streamed]) {
        const response = await t.post(body)
        expect(response.status).toBe(status)
        const text = await response.text()
        expect(JSON.parse(text)).toMatchObject({
          type: 'error',
          error: { code },
          request_id: response.headers.get('request-id')
        })
        expect(text).not.toContain('sk-ant-operator')
        expect(await t.receipt(response.headers.get('request-id'))).toMatchObject({ status: 'failed', credits: 0 })
      }
      expect(await spent()).toBe(0)
    }
  )

  test("the request itself being at fault (400) is told in the provider's words, uncharged", async () => {
    const error = { type: 'error', error: { type: 'invalid_request_error', message: 'messages.0: too odd' } }
    t.upstream.play((response) =>
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(error))
    )
    const response = await t.post(streamed)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual(error)
    expect(await spent()).toBe(0)
  })

  test.each([
    ['plain', ask, 'with 504', 504],
    ['streamed', streamed, 'as an event, for its head is sent by then', 200]
  ])('with silence, %s: told %s after the time limit, no charge', async (_kind, body, _how, status) => {
    t.upstream.play(() => {})
    const arrived = t.upstream.nextRequest()
    const pending = t.post(body)
    await arrived
    t.clock.advance({ minutes: 10 })
    const response = await pending
    expect(response.status).toBe(status)
    expect(await response.text()).toContain('The provider sent nothing for')
    expect(await spent()).toBe(0)
  })

  test('with nothing in a 200: no charge', async () => {
    t.upstream.play((response) => response.writeHead(200, { 'content-type': 'application/json' }).end())
    const response = await t.post(ask)
    expect(response.status).toBe(502)
    expect(await spent()).toBe(0)
  })

  test.each([
    ['by a cut connection', (response: import('node:http').ServerResponse) => response.destroy()],
    ['by an end that is none', (response: import('node:http').ServerResponse) => response.end()],
    [
      'by an error event',
      (response: import('node:http').ServerResponse) => {
        response.end(sse('error', { error: { type: 'overloaded_error', message: 'sk-ant-operator is out' } }))
      }
    ]
  ])('mid-stream %s: an honest error event, no charge', async (_how, end) => {
    t.upstream.play((response) => {
      begin(response, streamEvents().slice(0, 5))
      setImmediate(() => end(response))
    })
    const response = await t.post(streamed)
    const text = await response.text()
    expect(text).toMatch(/event: error\ndata: \{"type":"error".*\n\n$/)
    expect(text).not.toContain('message_stop')
    expect(text).not.toContain('sk-ant-operator')
    expect(await t.receipt(response.headers.get('request-id'))).toMatchObject({ status: 'failed', credits: 0 })
    expect(await spent()).toBe(0)
  })

  test('mid-stream by falling silent: the time limit ends it, no charge', async () => {
    t.upstream.play((response) => begin(response, streamEvents().slice(0, 5)))
    const response = await t.post(streamed)
    const reader = response.body?.getReader()
    await reader?.read()
    t.clock.advance({ minutes: 10 })
    let rest = ''
    for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read())
      rest += Buffer.from(chunk.value)
    expect(rest).toContain('event: error')
    expect(await spent()).toBe(0)
  })
})

test('a clock set back in the middle of a call changes no charge, and takes no credits away', async () => {
  t.upstream.play((response) => {
    t.clock.set(t.clock.nowMs() - 3_600_000)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(plainMessage()))
  })
  for (const balance of [99.65, 99.3]) {
    const response = await t.post(ask)
    const receipt = JSON.parse(response.headers.get('caicaini-receipt') ?? '')
    expect(receipt).toMatchObject({ status: 'complete', credits: COST, balance, latency_ms: 0, first_token_ms: 0 })
  }
})

describe('too little credit', () => {
  test('a balance that affords fewer tokens lowers max_tokens, and says so', async () => {
    // 100 credits afford about 20,000 output tokens at 5 credits a thousand.
    const response = await t.post({ ...ask, max_tokens: 64_000 })
    const clamped = Number(response.headers.get('caicaini-clamped'))
    expect(clamped).toBeGreaterThan(19_000)
    expect(clamped).toBeLessThan(20_000)
    expect(t.upstream.requests.at(-1)?.body.max_tokens).toBe(clamped)
    expect(await t.receipt(response.headers.get('request-id'))).toMatchObject({ clamped })
  })

  test('below what is worth a call: 402 with the number it affords, the upstream is not called, no retry', async () => {
    await t.local('POST', '/admin/api/users', { username: 'bob', plan: 'pro' })
    await t.local('POST', '/admin/api/credits/grant', { username: 'bob', credits: 2 })
    const { key } = await t.local<{ key: string }>('POST', '/api/keys?username=bob', { name: 'k' })
    const response = await t.post(ask, { key })
    expect(response.status).toBe(402)
    expect(response.headers.get('x-should-retry')).toBe('false')
    expect(await response.json()).toMatchObject({
      error: {
        type: 'insufficient_quota',
        code: 'insufficient_quota',
        message: expect.stringMatching(/affords \d+ output tokens/)
      }
    })
    expect(t.upstream.requests).toHaveLength(0)
  })

  test("a thinking budget beyond what the model can give is the provider's to refuse, not a lack of credit", async () => {
    const response = await t.post({ ...ask, max_tokens: 9_000, thinking: { type: 'enabled', budget_tokens: 8_000 } })
    expect(response.status).toBe(200)
    await t.local('POST', '/admin/api/credits/grant', { username: 'ada', credits: 1000 })
    const beyond = await t.post({ ...ask, max_tokens: 90_000, thinking: { type: 'enabled', budget_tokens: 80_000 } })
    expect(beyond.status).toBe(200)
    expect(await t.receipt(beyond.headers.get('request-id'))).toMatchObject({ clamped: null })
    await t.local('POST', '/admin/api/users', { username: 'eve', plan: 'pro' })
    await t.local('POST', '/admin/api/credits/grant', { username: 'eve', credits: 30 })
    const { key } = await t.local<{ key: string }>('POST', '/api/keys?username=eve', { name: 'k' })
    const poor = { ...ask, max_tokens: 9_000, thinking: { type: 'enabled', budget_tokens: 8_000 } }
    expect((await t.post(poor, { key })).status).toBe(402)
  })

  test('two requests race for the last credits: one is served', async () => {
    await t.local('POST', '/admin/api/users', { username: 'bob', plan: 'pro' })
    await t.local('POST', '/admin/api/credits/grant', { username: 'bob', credits: 6 })
    const { key } = await t.local<{ key: string }>('POST', '/api/keys?username=bob', { name: 'k' })
    const responses = await Promise.all([t.post(ask, { key }), t.post(ask, { key })])
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 402])
    const { balance } = await t.get<{ balance: number }>('/api/balance', key)
    expect(balance).toBe(6 - COST)
  })
})

describe('the server stops', () => {
  test('a stream under way at the stop limit ends with an error event, released', async () => {
    t.upstream.play((response) => begin(response, streamEvents().slice(0, 5)))
    const response = await t.post(streamed)
    const reader = response.body?.getReader()
    await reader?.read()
    const other = await createTestServer()
    const closing = t.server.close()
    t.clock.advance({ seconds: 1 })
    let rest = ''
    for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read())
      rest += Buffer.from(chunk.value)
    expect(rest).toContain('The server is stopping')
    await closing
    await t.upstream.close()
    t = other
  })
})
