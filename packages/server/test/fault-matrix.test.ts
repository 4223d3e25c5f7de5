import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withChatProvider } from '../src/testing/catalog.js'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { begin, plainMessage, streamEvents } from '../src/testing/upstream.js'

/*
 * Every way in, every kind of provider, streamed and not, and every fault at each of its times: the status, the shape of
 * the body, the headers, that nobody is charged, that the place is free again, and that the books agree.
 */

let t: TestServer
beforeEach(async () => {
  t = await createTestServer({
    env: { OPENAI_API_KEY: 'sk-operator' },
    // One played provider is both.
    catalog: withChatProvider('http://127.0.0.1:1', 'CAICAINI_ANTHROPIC_BASE_URL')
  })
})
afterEach(async () => {
  expect(await t.balance()).toMatchObject({ held: 0 })
  expect((await t.audit()).differences).toEqual([])
  expect(await openRequests()).toBe(0)
  await t.close()
})

const hello = [{ role: 'user', content: 'hello' }]
const CLIENTS = {
  messages: { path: '/v1/messages', body: { max_tokens: 1000, messages: hello } },
  chat: { path: '/v1/chat/completions', body: { messages: hello } },
  responses: { path: '/v1/responses', body: { input: 'hello', store: false } }
} as const
type Client = keyof typeof CLIENTS

const PROVIDERS = {
  anthropic: {
    model: 'claude-haiku-4-5',
    events: streamEvents(),
    plain: plainMessage(),
    error: 'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"sk-operator is broken"}}\n\n'
  },
  'openai-compatible': {
    model: 'gpt-x',
    events: [
      chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: 'Hello' }, finish_reason: null }] }),
      chunk({ choices: [{ index: 0, delta: { content: ', world' }, finish_reason: null }] }),
      chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
      chunk({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150 } }),
      'data: [DONE]\n\n'
    ],
    plain: {
      ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'gpt-x' },
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello, world' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150 }
    },
    error: 'data: {"error":{"message":"sk-operator is broken","type":"server_error"}}\n\n'
  }
} as const
type Kind = keyof typeof PROVIDERS

const cases = (Object.keys(CLIENTS) as Client[]).flatMap((client) =>
  (Object.keys(PROVIDERS) as Kind[]).flatMap((kind) => [true, false].map((stream) => ({ client, kind, stream })))
)

describe.each(cases)('$client, provider $kind, stream $stream', ({ client, kind, stream }) => {
  const provider = PROVIDERS[kind]
  const post = (signal?: AbortSignal) =>
    fetch(t.url + CLIENTS[client].path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${t.key}` },
      body: JSON.stringify({ ...CLIENTS[client].body, model: provider.model, stream }),
      ...(signal && { signal })
    })

  test('no fault: billed once', async () => {
    t.upstream.play(answerWell)
    const response = await post()
    expect(await response.text()).toContain('Hello')
    expect(response.status).toBe(200)
    expect((await t.balance()).balance).toBeLessThan(100)
  })

  test.each([
    ['400', 400, 400],
    ['401', 401, 502],
    ['402', 402, 502],
    ['403', 403, 502],
    ['404', 404, 404],
    ['413', 413, 413],
    ['422', 422, 422],
    ['429', 429, 529],
    ['500', 500, 502],
    ['503', 503, 529],
    ['529', 529, 529]
  ])('before the first byte: %s', async (_, status, told) => {
    const said = {
      type: 'error',
      error: { type: 'some_error', message: 'the provider says no', param: null, code: null }
    }
    t.upstream.play((response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said))
    })
    await refused(told)
  })

  test('before the first byte: the connection closes', async () => {
    t.upstream.play((response) => void response.destroy())
    await refused(502)
  })

  test('an answer that is none', async () => {
    t.upstream.play((response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>hello</h1>'))
    const response = await post()
    const text = await response.text()
    if (response.status === 200) expectErrorEvent(text)
    else expectErrorBody(response, text, 502)
    await isUncharged()
  })

  if (stream) {
    test('in the middle: the connection closes', async () => {
      t.upstream.play((response) => {
        begin(response, provider.events.slice(0, 2))
        setTimeout(() => response.destroy(), 20)
      })
      await brokenOff()
    })

    test('in the middle: an error event', async () => {
      t.upstream.play((response) => {
        begin(response, [...provider.events.slice(0, 2), provider.error])
        response.end()
      })
      await brokenOff()
    })
  } else {
    test('in the middle: the connection closes', async () => {
      t.upstream.play((response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 10_000 })
        response.write(JSON.stringify(provider.plain).slice(0, 40), () => response.destroy())
      })
      await refused(502)
    })
  }

  test('the client leaves before the first byte: nothing to pay', async () => {
    t.upstream.play(() => undefined)
    const leave = new AbortController()
    const arrived = t.upstream.nextRequest()
    const asked = post(leave.signal).catch((error: Error) => error.name)
    await arrived
    const aborted = t.upstream.nextAbort()
    leave.abort()
    expect(await asked).toBe('AbortError')
    // A plain answer is waited for, since the provider bills it; this one never comes.
    if (stream) await aborted
    else t.upstream.close()
    await until(async () => (await t.balance()).held === 0)
    await isUncharged()
  })

  function answerWell(response: ServerResponse): void {
    if (stream) begin(response, provider.events)
    else response.writeHead(200, { 'content-type': 'application/json' }).write(JSON.stringify(provider.plain))
    response.end()
  }

  async function refused(status: number): Promise<void> {
    const response = await post()
    expectErrorBody(response, await response.text(), status)
    await isUncharged()
  }

  async function brokenOff(): Promise<void> {
    const response = await post()
    expect(response.status).toBe(200)
    expectErrorEvent(await response.text())
    await isUncharged()
  }

  function expectErrorBody(response: Response, text: string, status: number): void {
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(response.headers.get('request-id')).toMatch(/^req_/)
    expect(response.headers.get('x-ratelimit-tier')).not.toBeNull()
    const error = { type: expect.any(String), message: expect.stringMatching(/./) }
    const expected = client === 'messages' ? { type: 'error', error } : { error: { ...error, param: null } }
    expect(JSON.parse(text)).toMatchObject(expected)
    expect(text).not.toContain('operator')
  }

  /** The last event, in the client's own format. */
  function expectErrorEvent(text: string): void {
    const last = text.trimEnd().split('\n\n').at(-1) ?? ''
    const data = JSON.parse(/^data: (.*)$/m.exec(last)?.[1] ?? 'null')
    const message = expect.stringMatching(/not charged|Nothing was charged/)
    if (client === 'messages') expect(data).toMatchObject({ type: 'error', error: { type: 'api_error', message } })
    else if (client === 'chat') expect(data).toMatchObject({ error: { type: 'api_error', message } })
    else expect(data).toMatchObject({ type: 'error', message })
    expect(text).not.toContain('operator')
  }
})

async function isUncharged(): Promise<void> {
  await until(async () => (await t.balance()).held === 0)
  expect(await t.balance()).toMatchObject({ balance: 100, held: 0 })
}

async function openRequests(): Promise<number> {
  const text = await (await t.server.fetchLocal(new Request('http://local/metrics'))).text()
  return Number(/^caicaini_open_streams (\d+)$/m.exec(text)?.[1])
}

function chunk(members: object): string {
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-x' }
  return `data: ${JSON.stringify({ ...head, ...members })}\n\n`
}
