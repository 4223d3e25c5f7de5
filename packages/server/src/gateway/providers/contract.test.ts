import { getEventListeners } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LLMock } from '@copilotkit/aimock'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../lib/clock.js'
import { createFakeClock, type FakeClock } from '../../testing/fake-clock.js'
import { readPlainUsage } from '../usage/anthropic-usage.js'
import { createUsageTap } from '../usage/tap.js'
import { createAnthropicProvider } from './anthropic.js'
import type { Provider, ProviderEvent, ProviderLimits, ProviderRequest } from './provider.js'
import { createSandboxProvider } from './sandbox.js'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

const cleanups: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** A provider that will meet each trouble, whichever way it is made to. */
interface Played {
  readonly provider: Provider
  readonly clock: FakeClock
  /** The request whose answer goes that way. */
  request(trouble: Trouble, stream: boolean): ProviderRequest
}

type Trouble = 'none' | 'stall' | 'cut' | 'empty' | { fail: number }

const KEY = 'sk-ant-secret-of-the-operator'

function requestOf(text: string, stream: boolean): ProviderRequest {
  const messages = [{ role: 'user', content: text }]
  const body = Buffer.from(JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 500, stream, messages }))
  return {
    endpoint: 'messages',
    body,
    upstreamModel: 'claude-haiku-4-5',
    stream,
    headers: { 'anthropic-version': '2023-06-01' }
  }
}

async function listen(handler: Handler): Promise<string> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function anthropicAt(baseUrl: string, clock = createFakeClock(), auth: 'x-api-key' | 'bearer' = 'x-api-key') {
  const keys = [{ env: 'ANTHROPIC_API_KEY', value: KEY, weight: 1 }]
  const env = { keys, random: () => 0, baseUrlEnv: 'CAICAINI_ANTHROPIC_BASE_URL' }
  const provider = createAnthropicProvider({ name: 'anthropic', baseUrl, auth, clock, ...env })
  cleanups.push(() => provider.close())
  return provider
}

const event = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`
const usage = { input_tokens: 12, output_tokens: 1 }
const STREAM = [
  event('message_start', { message: { id: 'msg_1', model: 'claude-haiku-4-5', usage } }),
  event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hello' } }),
  event('content_block_stop', { index: 0 }),
  event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } }),
  event('message_stop', {})
]
const PLAIN = { type: 'message', id: 'msg_1', model: 'claude-haiku-4-5', stop_reason: 'end_turn', usage, content: [] }
const ERROR = { type: 'error', error: { type: 'invalid_request_error', message: 'messages: too odd' } }

/** Plays Anthropic over a real socket; the trouble travels in the prompt. */
function playUpstream(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { stream, messages } = JSON.parse(Buffer.concat(chunks).toString())
    const trouble = messages[0].content as string
    if (/^\d+$/.test(trouble)) return response.writeHead(Number(trouble)).end(JSON.stringify(ERROR))
    if (trouble === 'stall' && !stream) return
    const type = stream ? 'text/event-stream' : 'application/json'
    const whole = stream ? STREAM.join('') : JSON.stringify(PLAIN)
    // A cut stream is a chunked answer that is over too soon: the connection breaks.
    response.writeHead(200, { 'content-type': type, 'request-id': 'req_up_1' })
    if (trouble === 'empty') return response.end()
    if (trouble === 'none') return response.end(whole)
    response.write(stream ? STREAM.slice(0, 3).join('') : whole.slice(0, 20))
    if (trouble === 'cut') setImmediate(() => response.destroy())
  })
}

const players: Record<string, () => Promise<Played>> = {
  async anthropic() {
    const clock = createFakeClock()
    const provider = anthropicAt(await listen(playUpstream), clock)
    const textOf = (trouble: Trouble) => (typeof trouble === 'string' ? trouble : String(trouble.fail))
    return { provider, clock, request: (trouble, stream) => requestOf(textOf(trouble), stream) }
  },
  async sandbox() {
    const clock = createFakeClock()
    const directive = (trouble: Trouble) => {
      if (trouble === 'none') return 'hello there'
      return typeof trouble === 'string' ? `[sandbox ${trouble}]` : `[sandbox fail ${trouble.fail}]`
    }
    const request = (trouble: Trouble, stream: boolean) => requestOf(directive(trouble), stream)
    return { provider: createSandboxProvider({ clock }), clock, request }
  }
}

const limitsOf = (signal = new AbortController().signal): ProviderLimits => ({
  signal,
  firstByteTimeoutMs: 60_000,
  idleTimeoutMs: 30_000,
  bodyBytesMax: 1_000_000
})

async function collect(events: AsyncIterable<ProviderEvent>): Promise<{ events: ProviderEvent[]; body: Buffer }> {
  const all: ProviderEvent[] = []
  for await (const each of events) all.push(each)
  return { events: all, body: Buffer.concat(all.map((each) => (each.type === 'bytes' ? each.bytes : Buffer.alloc(0)))) }
}

/** Moves the clock until the call has ended: however long the socket takes, no time of the wall counts. */
async function collectWhileAdvancing(events: AsyncIterable<ProviderEvent>, clock: FakeClock) {
  let done = false
  const collected = collect(events).finally(() => {
    done = true
  })
  while (!done) {
    clock.advance({ ms: 1_000 })
    await new Promise((resolve) => setImmediate(resolve))
  }
  return collected
}

describe.each(Object.keys(players))('%s keeps the provider contract:', (name) => {
  const play = () => (players[name] as () => Promise<Played>)()

  test('a stream is a head, then bytes up to the final event', async () => {
    const { provider, request } = await play()
    const { events, body } = await collect(provider.send(request('none', true), limitsOf()))
    expect(events[0]).toMatchObject({ type: 'head', contentType: expect.stringMatching(/^text\/event-stream/) })
    expect(events.slice(1).every(({ type }) => type === 'bytes')).toBe(true)
    const tap = createUsageTap()
    tap.push(body)
    expect(tap).toMatchObject({ sawFinal: true, usageSeen: true, firstContentSeen: true, stopReason: 'end_turn' })
    expect(tap.usage.inputTokens).toBeGreaterThan(0)
    expect(tap.usage.outputTokens).toBeGreaterThan(1)
  })

  test('a plain answer is a head, then JSON with usage', async () => {
    const { provider, request } = await play()
    const { events, body } = await collect(provider.send(request('none', false), limitsOf()))
    expect(events[0]).toMatchObject({ type: 'head', contentType: 'application/json' })
    expect(readPlainUsage(JSON.parse(body.toString()))?.usage.inputTokens).toBeGreaterThan(0)
  })

  test.each([400, 404, 413, 422])('%i is the request’s own fault: its body is passed on', async (status) => {
    const { provider, request } = await play()
    const { events } = await collect(provider.send(request({ fail: status }, true), limitsOf()))
    expect(events).toEqual([{ type: 'refused', status, body: expect.any(Uint8Array) }])
    const [refused] = events
    const body = refused?.type === 'refused' ? JSON.parse(Buffer.from(refused.body).toString()) : {}
    expect(body).toMatchObject({ type: 'error', error: { message: expect.any(String) } })
  })

  test.each([
    [401, 'upstream_error', false],
    [402, 'upstream_error', false],
    [403, 'upstream_error', false],
    [405, 'upstream_error', false],
    [429, 'overloaded', true],
    [500, 'upstream_error', true],
    [502, 'upstream_error', true],
    [503, 'overloaded', true],
    [529, 'overloaded', true]
  ])('%i is the provider’s fault: %s', async (status, code, shouldRetry) => {
    const { provider, request } = await play()
    const { events } = await collect(provider.send(request({ fail: status }, false), limitsOf()))
    expect(events).toMatchObject([{ type: 'failed', code, shouldRetry, upstreamStatus: status }])
  })

  test.each([true, false])('an answer that is cut off never looks whole (stream: %s)', async (stream) => {
    const { provider, request } = await play()
    const { body } = await collect(provider.send(request('cut', stream), limitsOf()))
    if (stream) {
      const tap = createUsageTap()
      tap.push(body)
      expect(tap).toMatchObject({ sawFinal: false, usageSeen: true })
    } else {
      expect(() => JSON.parse(body.toString())).toThrow()
    }
  })

  test('an empty answer is a head and no bytes', async () => {
    const { provider, request } = await play()
    const { events } = await collect(provider.send(request('empty', true), limitsOf()))
    expect(events).toMatchObject([{ type: 'head' }])
  })

  test('a stall in mid-stream ends at the idle limit', async () => {
    const { provider, request, clock } = await play()
    const { events } = await collectWhileAdvancing(provider.send(request('stall', true), limitsOf()), clock)
    expect(events.at(-1)).toMatchObject({ type: 'failed', code: 'upstream_timeout', shouldRetry: true })
    expect(events[0]).toMatchObject({ type: 'head' })
    expect(clock.pending).toBe(0)
  })

  test('silence before the first byte ends at its limit', async () => {
    const { provider, request, clock } = await play()
    const { events } = await collectWhileAdvancing(provider.send(request('stall', false), limitsOf()), clock)
    expect(events).toMatchObject([{ type: 'failed', code: 'upstream_timeout' }])
  })

  test('an abort in mid-stream ends the iteration without another event', async () => {
    const { provider, request, clock } = await play()
    const controller = new AbortController()
    const events: ProviderEvent[] = []
    for await (const each of provider.send(request('stall', true), limitsOf(controller.signal))) {
      events.push(each)
      if (each.type === 'bytes') controller.abort()
    }
    expect(events.map(({ type }) => type)).not.toContain('failed')
    expect(events.at(-1)?.type).toBe('bytes')
    expect(clock.pending).toBe(0)
  })

  test('an abort before the first byte ends the iteration', async () => {
    const { provider, request } = await play()
    const controller = new AbortController()
    const collected = collect(provider.send(request('stall', false), limitsOf(controller.signal)))
    setImmediate(() => controller.abort())
    expect((await collected).events).toEqual([])
    const late = await collect(provider.send(request('none', false), limitsOf(controller.signal)))
    expect(late.events).toEqual([])
  })

  test('a consumer that stops iterating leaves nothing behind', async () => {
    const { provider, request, clock } = await play()
    const { signal } = new AbortController()
    for await (const each of provider.send(request('stall', true), limitsOf(signal))) if (each.type === 'bytes') break
    expect(clock.pending).toBe(0)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

test('the anthropic provider reads a third party’s play of Anthropic', async () => {
  const mock = new LLMock({ port: 0 })
  mock.onMessage(/.*/, { content: 'Bonjour le monde' })
  await mock.start()
  cleanups.push(() => mock.stop())
  const provider = anthropicAt(mock.url, createFakeClock())
  for (const stream of [true, false]) {
    const { events, body } = await collect(provider.send(requestOf('hello', stream), limitsOf()))
    expect(events[0]).toMatchObject({ type: 'head' })
    expect(body.toString()).toContain('Bonjour')
    const tap = createUsageTap()
    if (stream) tap.push(body)
    const seen = stream ? tap.sawFinal : readPlainUsage(JSON.parse(body.toString())) !== undefined
    expect(seen).toBe(true)
  }
})

test('the system clock drives the same limits', async () => {
  const provider = anthropicAt(await listen(playUpstream), systemClock as FakeClock)
  const limits = { ...limitsOf(), firstByteTimeoutMs: 20 }
  expect((await collect(provider.send(requestOf('stall', false), limits))).events).toMatchObject([
    { type: 'failed', code: 'upstream_timeout' }
  ])
})
