import { expect, test } from 'vitest'
import { createFakeClock, settle } from '../testing/fake-clock.js'
import {
  bytes,
  endEvents,
  event,
  type Play,
  playTransport,
  receiptOf,
  refusal,
  stream,
  textEvent
} from '../testing/play-transport.js'
import { type AnswerEvent, ask, type Question } from './answer.js'
import { createApiClient } from './api-client.js'

const QUESTION: Question = { model: 'haiku', maxTokens: 100, messages: [{ role: 'user', content: 'hi' }] }

function start(play: Play, question = QUESTION) {
  const clock = createFakeClock()
  const stop = new AbortController()
  const transport = playTransport(play)
  const random = () => 0.5
  const api = createApiClient({ transport, apiKey: undefined, version: '1', clock, retry: { random } })
  const answer = ask(question, { api, clock, random, signal: stop.signal })
  return { answer, clock, stop, transport }
}

async function collect(events: AsyncIterable<AnswerEvent>): Promise<AnswerEvent[]> {
  const all: AnswerEvent[] = []
  for await (const one of events) all.push(one)
  return all
}

/** Never ends, until the signal does. */
function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

test('text, the stop reason and the receipt come out, whatever the bytes are cut into', async () => {
  const whole = Buffer.concat([
    event('message_start', { message: {} }),
    event('content_block_delta', { delta: { type: 'thinking_delta', thinking: 'hm' } }),
    event('ping'),
    event('a_type_of_tomorrow', { text: 'x' }),
    textEvent('Grüße, 世界 🎉'),
    ...endEvents()
  ])
  for (const size of [1, 2, 3, 7, 1000]) {
    const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, i) =>
      whole.subarray(i * size, i * size + size)
    )
    const { answer } = start(() => stream(chunks))
    const events = await collect((await answer).events)
    const text = events.map((one) => (one.type === 'text' ? one.text : '')).join('')
    expect(text).toBe('Grüße, 世界 🎉')
    expect(events.at(-1)).toEqual({ type: 'end', stopReason: 'end_turn', receipt: receiptOf() })
  }
})

test('gives up when nothing came for 65 seconds', async () => {
  const { answer, clock, transport } = start(({ signal }) => silence(signal))
  const refused = expect(answer).rejects.toMatchObject({ exit: 7, message: expect.stringContaining('65 s') })
  await clock.advance(65_000)
  await refused
  expect(transport.requests).toHaveLength(1)
})

test.each(['kimi', 'caicaini/opus', 'deepseek-reasoner', 'auto'])('waits 185 seconds for %s', async (model) => {
  const { answer, clock } = start(({ signal }) => silence(signal), { ...QUESTION, model })
  let ended = false
  const watched = answer.catch((error) => {
    ended = true
    return error
  })
  await clock.advance(184_000)
  expect(ended).toBe(false)
  await clock.advance(1_000)
  expect(await watched).toMatchObject({ exit: 7 })
})

test('any bytes keep an answer alive, and silence ends it', async () => {
  const ping = Promise.withResolvers<void>()
  const { answer, clock } = start(({ signal }) =>
    stream(
      (async function* () {
        yield textEvent('half')
        await ping.promise
        yield bytes(': ping\n\n')
        await silence(signal)
      })()
    )
  )
  const collected = collect((await answer).events)
  const refused = expect(collected).rejects.toMatchObject({ exit: 7 })
  await clock.advance(64_000)
  ping.resolve()
  await clock.advance(64_000)
  await clock.advance(1_000)
  await refused
})

test('a reader that takes its time is no silence of the server', async () => {
  const { answer, clock } = start(() => stream([textEvent('one'), textEvent('two'), ...endEvents()]))
  const texts: string[] = []
  for await (const one of (await answer).events) {
    await clock.advance(3_600_000)
    if (one.type === 'text') texts.push(one.text)
  }
  expect(texts).toEqual(['one', 'two'])
})

test('an answer without its end is cut short', async () => {
  const { answer } = start(() => stream([textEvent('half')]))
  await expect(collect((await answer).events)).rejects.toMatchObject({ exit: 8 })
})

test('errors in the stream carry their own exit codes', async () => {
  const failing = (error: object) => start(() => stream([event('error', { error })])).answer
  const codes = [
    [{ type: 'overloaded_error', message: 'm' }, 7],
    [{ type: 'api_error', message: 'm' }, 7],
    [{ type: 'rate_limit_error', message: 'm' }, 6],
    [{ type: 'permission_error', message: 'm', code: 'plan' }, 9],
    [{ type: 'of tomorrow', message: 'm' }, 7]
  ] as const
  for (const [error, exit] of codes) {
    await expect(collect((await failing(error)).events)).rejects.toMatchObject({ exit, message: 'm' })
  }
})

test('tries again what may pass, with the waits the server asks for', async () => {
  const { answer, clock, transport } = start((_, number) =>
    number === 1 ? refusal(429, 'rate_limit', 'slow down', { 'retry-after': '7' }) : stream(endEvents())
  )
  await clock.advance(6_999)
  expect(transport.requests).toHaveLength(1)
  await clock.advance(1)
  expect(await collect((await answer).events)).toHaveLength(1)
  const keys = transport.requests.map(({ headers }) => headers['idempotency-key'])
  expect(new Set(keys).size).toBe(1)
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/)
})

test('stopping rejects with the reason of the stop', async () => {
  const { answer, stop } = start(({ signal }) => silence(signal))
  const refused = expect(answer).rejects.toThrow('enough')
  await settle()
  stop.abort(new Error('enough'))
  await refused
})
