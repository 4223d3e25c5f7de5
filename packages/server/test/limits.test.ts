import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { answer, begin, type Play, sse, streamEvents } from '../src/testing/upstream.js'

let t: TestServer

/** However its requests ended: the books agree and nothing is left held. */
afterEach(async () => {
  expect((await t.balance()).held).toBe(0)
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

const plain = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'hi' }] }
const streamed = { ...plain, stream: true }
/** An estimate of two fifths of a token a letter, and a few dozen around them. */
const lettersOf = (count: number) => ({ ...plain, messages: [{ role: 'user', content: 'x'.repeat(count) }] })

const BEGINNING = streamEvents().slice(0, 5)
const playOpen: Play = (response) => begin(response, BEGINNING)
const playWhole: Play = (response) => {
  begin(response, streamEvents())
  response.end()
}

async function refusal(response: Response) {
  const { error } = (await response.json()) as { error: { type: string; code: string; message: string } }
  const { headers, status } = response
  return {
    status,
    ...error,
    retryAfter: headers.get('retry-after'),
    shouldRetry: headers.get('x-should-retry')
  }
}

const limited = (message: string, retryAfter: string) => ({
  status: 429,
  type: 'rate_limit_error',
  code: 'rate_limit',
  message,
  retryAfter,
  shouldRetry: null
})

/** A stream whose first bytes have come; `leave` closes the connection, `ended` is when it is settled. */
async function openStream(key = t.key) {
  const leaving = new AbortController()
  const response = await t.post(streamed, { key, signal: leaving.signal })
  expect(response.status).toBe(200)
  const reader = response.body?.getReader()
  await reader?.read()
  return {
    leave: () => leaving.abort(),
    async readOn() {
      while (!(await reader?.read())?.done);
    },
    async ended() {
      await until(async () => (await t.balance()).held === 0)
      return t.receipt(response.headers.get('request-id'))
    }
  }
}

describe('on the free tier', () => {
  beforeEach(async () => {
    t = await createTestServer({ plan: 'free' })
  })

  const endings: [string, 'complete' | 'aborted' | 'failed', Play, (stream: { leave(): void }) => void][] = [
    ['its end', 'complete', (response) => void response.end(streamEvents().slice(5).join('')), noop],
    ['the client leaving', 'aborted', noop, (stream) => stream.leave()],
    ['the provider failing mid-stream', 'failed', (response) => void response.destroy(), noop],
    [
      'an error event of the provider',
      'failed',
      (response) => void response.write(sse('error', { error: { type: 'overloaded_error', message: 'busy' } })),
      noop
    ]
  ]

  test.each(endings)('a second stream waits for the first, ended by %s', async (_by, status, playEnd, act) => {
    let endUpstream = noop
    t.upstream.play((response, request) => {
      playOpen(response, request)
      endUpstream = () => playEnd(response, request)
    })
    const first = await openStream()
    const second = await t.post(streamed)
    expect(second.headers.get('x-ratelimit-remaining-requests')).toBe('4')
    expect(await refusal(second)).toEqual(limited('Concurrent streams exceeded for this key.', '1'))
    expect(t.upstream.requests).toHaveLength(1)

    endUpstream()
    act(first)
    if (status !== 'aborted') await first.readOn()
    expect(await first.ended()).toMatchObject({ status })
    t.upstream.play(playWhole)
    const third = await t.post(streamed)
    expect(third.status).toBe(200)
    expect(third.headers.get('x-ratelimit-remaining-requests')).toBe('3')
    await third.text()
  })

  test('a plain request needs no slot of a stream', async () => {
    t.upstream.play(playOpen)
    const stream = await openStream()
    t.upstream.play((response) => answer(response))
    expect((await t.post(plain)).status).toBe(200)
    stream.leave()
    await stream.ended()
  })

  test('input tokens: what was really read counts; refused beyond it, and fits again after the minute', async () => {
    t.upstream.play((response) => answer(response, { input_tokens: 15_000, output_tokens: 50 }))
    const first = await t.post(lettersOf(10_000))
    expect(first.status).toBe(200)
    expect(first.headers.get('anthropic-ratelimit-input-tokens-limit')).toBe('20000')
    // The headers leave before the answer is read, so they show the estimate: 10,000 letters and what is around them.
    expect(Number(first.headers.get('anthropic-ratelimit-input-tokens-remaining'))).toBeCloseTo(17_250, -2)
    t.clock.advance({ seconds: 48 })

    const second = await t.post(lettersOf(26_000))
    expect(await refusal(second.clone())).toEqual(
      limited('Input tokens per minute exceeded for this key. Retry after 12s.', '12')
    )
    const told = {
      'anthropic-ratelimit-input-tokens-limit': '20000',
      'anthropic-ratelimit-input-tokens-remaining': '5000',
      'anthropic-ratelimit-input-tokens-reset': new Date(t.clock.nowMs() + 12_000).toISOString(),
      'x-ratelimit-limit-tokens': '20000',
      'x-ratelimit-remaining-tokens': '5000',
      'x-ratelimit-reset-tokens': '12s',
      'x-ratelimit-remaining-requests': '4'
    }
    expect(Object.fromEntries(second.headers)).toMatchObject(told)
    expect((await t.post(plain)).status).toBe(200)
    t.clock.advance({ seconds: 12 })
    expect((await t.post(lettersOf(26_000))).status).toBe(200)
    expect(t.upstream.requests).toHaveLength(3)
  })

  test('a request larger than the whole minute is told that it can never fit', async () => {
    const response = await t.post(lettersOf(100_000))
    expect(response.headers.get('x-ratelimit-remaining-tokens')).toBe('20000')
    const { message, ...rest } = await refusal(response)
    expect(rest).toEqual({
      status: 429,
      type: 'rate_limit_error',
      code: 'exceeds_tier',
      retryAfter: null,
      shouldRetry: 'false'
    })
    expect(message).toMatch(/tier free.*never fit/)
    expect(t.upstream.requests).toHaveLength(0)
  })

  test('a refusal for lack of credit shows its place as given back', async () => {
    const body = { name: 'small', quota: 0.001 }
    const { key } = await t.local<{ key: string }>('POST', '/api/keys?username=ada', body)
    for (let i = 0; i < 8; i++) {
      const response = await t.post(streamed, { key })
      expect(response.status).toBe(402)
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'x-ratelimit-remaining-requests': '5',
        'x-ratelimit-reset-requests': '0',
        'x-ratelimit-remaining-tokens': '20000'
      })
    }
  })
})

describe('slots come back', () => {
  beforeEach(async () => {
    t = await createTestServer()
  })

  /** Pay-as-you-go has five streams. */
  async function fiveStreamsFit(): Promise<void> {
    t.upstream.play(playOpen)
    const streams = await Promise.all(Array.from({ length: 5 }, () => openStream()))
    expect((await refusal(await t.post(streamed))).message).toBe('Concurrent streams exceeded for this key.')
    for (const stream of streams) stream.leave()
    for (const stream of streams) await stream.ended()
  }

  test('from fifteen clients that left in the middle of their streams', async () => {
    for (let i = 0; i < 3; i++) await fiveStreamsFit()
  })

  test('from ten that left before a byte came', async () => {
    t.upstream.play(() => {})
    for (let i = 0; i < 10; i++) {
      const leaving = new AbortController()
      const arrived = t.upstream.nextRequest()
      const gone = t.post(streamed, { signal: leaving.signal }).catch((error) => error.name)
      await arrived
      leaving.abort()
      expect(await gone).toBe('AbortError')
      await until(async () => (await t.balance()).held === 0)
    }
    await fiveStreamsFit()
  })

  test('from ten that closed their own half of the connection, and read on: in mid-body, before a byte came, in mid-stream', async () => {
    const body = JSON.stringify(streamed)
    const head = `POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: ${t.key}\r\ncontent-length: ${body.length}\r\n\r\n`
    const whole = head + body
    for (let i = 0; i < 10; i++) {
      const inBody = openSocket(whole.slice(0, -5))
      inBody.closeHalf()
      await inBody.ended

      t.upstream.play(noop)
      const arrived = t.upstream.nextRequest()
      const early = openSocket(whole)
      await arrived
      early.closeHalf()
      await early.ended
      await until(async () => (await t.balance()).held === 0)

      t.upstream.play(playOpen)
      const late = openSocket(whole)
      await until(() => late.received().includes('message_start'))
      late.closeHalf()
      await late.ended
      await until(async () => (await t.balance()).held === 0)
    }
    t.clock.advance({ minutes: 1 })
    await fiveStreamsFit()
  })

  test('from a provider that refuses, fails, or closes without a word', async () => {
    const plays: Play[] = [
      (response) =>
        void response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}'),
      (response) => void response.writeHead(500).end(),
      (response) => void response.destroy()
    ]
    for (let i = 0; i < 12; i++) {
      t.upstream.play(plays[i % plays.length] ?? noop)
      const { status } = await t.post(streamed)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).not.toBe(429)
    }
    await fiveStreamsFit()
  })
})

test('a key has a hundred requests at once at most, also where its tier has no limit', async () => {
  t = await createTestServer()
  const waiting: (() => void)[] = []
  t.upstream.play((response) => waiting.push(() => answer(response)))
  const asked = Array.from({ length: 100 }, () => t.post(plain, { key: t.ownerKey }))
  await until(() => waiting.length === 100)
  const response = await t.post(plain, { key: t.ownerKey })
  expect(response.headers.get('x-ratelimit-tier')).toBe('enterprise')
  expect(response.headers.get('anthropic-ratelimit-input-tokens-limit')).toBe(null)
  expect(await refusal(response)).toEqual(limited('Concurrent requests exceeded for this key.', '1'))
  t.upstream.play((each) => answer(each))
  for (const go of waiting) go()
  for (const { status } of await Promise.all(asked)) expect(status).toBe(200)
  expect((await t.post(plain, { key: t.ownerKey })).status).toBe(200)
})

/** A connection that has sent `bytes`; closing its half leaves it reading until the other side ends. */
function openSocket(bytes: string) {
  let text = ''
  const { hostname, port } = new URL(t.url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true }, () => socket.write(bytes))
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.on('error', noop)
  const ended = new Promise<void>((resolve) => {
    socket.on('end', () => resolve())
    socket.on('close', () => resolve())
  })
  return { received: () => text, closeHalf: () => void socket.end(), ended }
}

function noop(): void {}
