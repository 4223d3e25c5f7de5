import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../testing/fake-clock.js'
import { createAnthropicProvider } from './anthropic.js'
import type { Provider, ProviderEvent, ProviderRequest } from './provider.js'

const KEY = 'sk-ant-secret-of-the-operator'
const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function start(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  { auth = 'x-api-key', path = '' }: { auth?: 'x-api-key' | 'bearer'; path?: string } = {}
) {
  const server = createServer(handler)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`
  const env = { baseUrlEnv: 'CAICAINI_ANTHROPIC_BASE_URL', random: () => 0 }
  const provider = createAnthropicProvider({
    name: 'anthropic',
    baseUrl,
    keys: [{ env: 'ANTHROPIC_API_KEY', value: KEY, weight: 1 }],
    auth,
    clock: createFakeClock(),
    ...env
  })
  const stop = async () => {
    server.closeAllConnections()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  cleanups.push(stop, () => provider.close())
  return { provider, server, stop }
}

const body = Buffer.from('{ "model":"m",\n "max_tokens": 5, "é":"中" }')
const request = (headers: Record<string, string> = {}, stream = true): ProviderRequest => ({
  endpoint: 'messages',
  body,
  upstreamModel: 'm',
  stream,
  headers
})
const limits = (signal = new AbortController().signal, bodyBytesMax = 1_000_000) => ({
  signal,
  firstByteTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
  bodyBytesMax
})

async function collect(provider: Provider, asked = request(), limit = limits()): Promise<ProviderEvent[]> {
  const events: ProviderEvent[] = []
  for await (const event of provider.send(asked, limit)) events.push(event)
  return events
}

const answerWith = (status: number, text: string) => (_: IncomingMessage, response: ServerResponse) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(text)

describe('what reaches the provider', () => {
  test('the bytes as they are, our key, and only headers that may travel', async () => {
    let seen: IncomingMessage | undefined
    let received = Buffer.alloc(0)
    const { provider } = await start(
      async (incoming, response) => {
        seen = incoming
        for await (const chunk of incoming) received = Buffer.concat([received, chunk])
        response.end('{}')
      },
      { path: '/anthropic' }
    )
    const customer = {
      'anthropic-beta': 'a-2026',
      'x-api-key': 'cai_api_customer',
      Authorization: 'Bearer cai_api_customer'
    }
    await collect(provider, request({ ...customer, cookie: 'c=1', 'accept-encoding': 'gzip' }))
    expect(received.equals(body)).toBe(true)
    expect(seen?.url).toBe('/anthropic/v1/messages')
    expect(seen?.headers).toMatchObject({
      'x-api-key': KEY,
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'a-2026',
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'accept-encoding': 'identity',
      'content-length': String(body.length)
    })
    expect(JSON.stringify(seen?.rawHeaders)).not.toContain('cai_api_customer')
    expect(seen?.headers.cookie).toBeUndefined()
  })

  test('the client’s version where it names one, and a bearer token where the provider wants one', async () => {
    let headers: IncomingMessage['headers'] = {}
    const { provider } = await start(
      (incoming, response) => {
        headers = incoming.headers
        response.end('{}')
      },
      { auth: 'bearer' }
    )
    await collect(provider, request({ 'anthropic-version': '2099-01-01', 'x-api-key': 'cai_api_customer' }, false))
    expect(headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'anthropic-version': '2099-01-01',
      accept: 'application/json'
    })
    expect(headers['x-api-key']).toBeUndefined()
  })
})

test('a connection whose answer was read serves the next request', async () => {
  const sockets = new Set<unknown>()
  const { provider } = await start((incoming, response) => {
    sockets.add(incoming.socket)
    response.end('{}')
  })
  for (let i = 0; i < 30; i++) await collect(provider)
  // Two: a connection may still be winding up when the next request wants one.
  expect(sockets.size).toBeLessThanOrEqual(2)
})

describe('an abort', () => {
  test('closes the upstream’s socket at once, in mid-stream', async () => {
    const closed = Promise.withResolvers<void>()
    const { provider } = await start((incoming, response) => {
      incoming.socket.once('close', () => closed.resolve())
      response.writeHead(200).write('event: ping\n\n')
    })
    const controller = new AbortController()
    for await (const event of provider.send(request(), limits(controller.signal))) {
      if (event.type === 'bytes') controller.abort()
    }
    await closed.promise
  })

  test('closes it before the first byte, too', async () => {
    const closed = Promise.withResolvers<void>()
    const controller = new AbortController()
    const { provider } = await start((incoming) => {
      incoming.socket.once('close', () => closed.resolve())
      controller.abort()
    })
    expect(await collect(provider, request(), limits(controller.signal))).toEqual([])
    await closed.promise
  })

  test('so does a consumer that stops iterating', async () => {
    const closed = Promise.withResolvers<void>()
    const { provider } = await start((incoming, response) => {
      incoming.socket.once('close', () => closed.resolve())
      response.writeHead(200).write('event: ping\n\n')
    })
    for await (const event of provider.send(request(), limits())) if (event.type === 'bytes') break
    await closed.promise
  })
})

describe('what the customer never learns', () => {
  test('the operator’s key, should the provider quote it', async () => {
    const said = JSON.stringify({ type: 'error', error: { type: 'x', message: `bad thing with ${KEY} in it` } })
    const { provider } = await start(answerWith(400, said))
    const [event] = await collect(provider)
    expect(event).toMatchObject({ type: 'refused', status: 400 })
    const passed = event?.type === 'refused' ? Buffer.from(event.body).toString() : ''
    expect(passed).toBe(said.replace(KEY, '[key]'))
  })

  test('what an error says beside the request’s fault', async () => {
    const error = { type: 'x', message: 'too odd', param: 'stop', code: null }
    const beside = { details: { organization: 'org-42' }, metadata: { raw: 'acct_7' } }
    const said = { type: 'error', error: { ...error, ...beside }, request_id: 'req_up', user_id: 'org-42' }
    const { provider } = await start(answerWith(400, JSON.stringify(said)))
    const [event] = await collect(provider)
    const passed = event?.type === 'refused' ? JSON.parse(Buffer.from(event.body).toString()) : {}
    expect(passed).toEqual({ type: 'error', error })
  })

  test.each([
    'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade.',
    'You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.'
  ])('the state of the operator’s account, said with a 400: %s', async (message) => {
    const said = JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message } })
    const { provider } = await start(answerWith(400, said))
    const [event] = await collect(provider)
    expect(event).toMatchObject({ type: 'failed', code: 'upstream_error', shouldRetry: false })
    expect(event).toMatchObject({ operatorHint: expect.stringContaining(message.slice(0, 20)) })
    expect(event).toMatchObject({ message: "The provider refused the gateway's own credentials" })
  })

  test('why the key was refused; the operator is told which variable to mend', async () => {
    const { provider } = await start(answerWith(401, JSON.stringify({ error: { message: `invalid key ${KEY}` } })))
    const [event] = await collect(provider)
    expect(event).toMatchObject({
      message: "The provider refused the gateway's own credentials",
      operatorHint: 'anthropic answered 401. The key was refused: mend ANTHROPIC_API_KEY.'
    })
    expect(JSON.stringify(event)).not.toContain(KEY)
  })

  test('a page of another server, where the base URL leads elsewhere', async () => {
    const { provider } = await start(answerWith(404, '<html>nginx</html>'))
    expect(await collect(provider)).toMatchObject([
      { type: 'failed', shouldRetry: false, operatorHint: expect.stringContaining('CAICAINI_ANTHROPIC_BASE_URL') }
    ])
  })

  test('addresses, where nobody listens', async () => {
    const { provider, stop } = await start(answerWith(200, '{}'))
    await stop()
    const [event] = await collect(provider)
    expect(event).toMatchObject({ type: 'failed', code: 'upstream_error', shouldRetry: true, upstreamStatus: null })
    expect(event?.type === 'failed' && event.message).not.toContain('127.0.0.1')
    expect(event?.type === 'failed' && event.operatorHint).toContain('ECONNREFUSED')
  })
})

describe('sizes', () => {
  test('an answer beyond the limit fails', async () => {
    const { provider } = await start(answerWith(200, 'x'.repeat(300_000)))
    const events = await collect(provider, request(), limits(undefined, 100_000))
    expect(events.at(-1)).toMatchObject({ type: 'failed', code: 'upstream_error' })
  })

  test('a reader that stands still stops the upstream: back-pressure', async () => {
    const total = 64 * 1024 * 1024
    let written = 0
    const { provider } = await start((_, response) => {
      response.writeHead(200)
      const chunk = Buffer.alloc(64 * 1024)
      const write = () => {
        while (written < total) {
          written += chunk.length
          if (!response.write(chunk)) return void response.once('drain', write)
        }
      }
      write()
    })
    const events = provider.send(request(), limits(undefined, 1e9))[Symbol.asyncIterator]()
    await events.next()
    await events.next()
    // Far more turns of the loop than it takes to send everything to a reader that reads.
    for (let turn = 0; turn < 5_000; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(written).toBeLessThan(total / 2)
    await events.return?.()
  })

  test('the same reader, reading, gets everything', async () => {
    const { provider } = await start(answerWith(200, 'x'.repeat(8 * 1024 * 1024)))
    let received = 0
    for await (const event of provider.send(request(), limits(undefined, 1e9))) {
      if (event.type === 'bytes') received += event.bytes.length
    }
    expect(received).toBe(8 * 1024 * 1024)
  })

  test('an error page without end is not read to its end', async () => {
    const closed = Promise.withResolvers<void>()
    const { provider } = await start((incoming, response) => {
      incoming.socket.once('close', () => closed.resolve())
      response.writeHead(500)
      const more = () => void (response.writable && response.write('x'.repeat(100_000), () => setImmediate(more)))
      more()
    })
    expect(await collect(provider)).toMatchObject([{ type: 'failed', upstreamStatus: 500 }])
    await closed.promise
  })
})
