import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { begin, sse, streamEvents } from '../src/testing/upstream.js'

let t: TestServer

beforeEach(async () => {
  t = await createTestServer({ credits: 1000 })
})
afterEach(() => t.close())

const streamed = {
  model: 'claude-haiku-4-5',
  max_tokens: 60_000,
  stream: true,
  messages: [{ role: 'user', content: 'hi' }]
}

/** A client that sends its request and reads nothing of the answer. */
function askAndStall(): Socket {
  const socket = connect(Number(new URL(t.url).port), '127.0.0.1').pause()
  const body = JSON.stringify(streamed)
  socket.write(`POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: ${t.key}\r\ncontent-length: ${body.length}\r\n\r\n`)
  socket.write(body)
  return socket.on('error', () => undefined)
}

/** Streams without an end until the sockets between here and the client are full. */
async function fillUp(): Promise<void> {
  const delta = sse('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'word '.repeat(20_000) } })
  let upstream: ServerResponse | undefined
  t.upstream.play((response) => {
    upstream = response
    begin(response, streamEvents().slice(0, 2))
    const more = () => {
      while (response.write(delta));
      response.once('drain', more)
    }
    more()
  })
  let written = -1
  await until(async () => {
    const before = written
    written = upstream?.socket?.bytesWritten ?? 0
    await new Promise((resolve) => setTimeout(resolve, 100))
    return written > 1_000_000 && written === before
  })
}

test('the client stops reading: it is waited for, then billed what it was given: it is no stall of the provider', async () => {
  const socket = askAndStall()
  await fillUp()
  t.clock.advance({ minutes: 2 })
  expect(await t.balance()).toMatchObject({ balance: 1000, held: expect.any(Number) })
  expect((await t.balance()).held).toBeGreaterThan(0)
  const stopped = t.upstream.nextAbort()
  t.clock.advance({ minutes: 4 })
  await stopped
  await until(async () => (await t.balance()).held === 0)
  // A megabyte of words is more than 200,000 tokens, at 5 credits a thousand.
  expect((await t.balance()).balance).toBeLessThan(500)
  expect((await t.audit()).differences).toEqual([])
  socket.destroy()
})

test('a stop does not wait for a client that stops reading', async () => {
  const socket = askAndStall()
  await fillUp()
  const closing = t.server.close()
  t.clock.advance({ seconds: 1 })
  await closing
  socket.destroy()
})

test('a request whose body is still coming when the server stops is refused, and holds nothing', async () => {
  const headers = { 'x-api-key': t.key, expect: '100-continue' }
  const request = httpRequest(`${t.url}/v1/messages`, { method: 'POST', headers })
  request.flushHeaders()
  await once(request, 'continue')
  const closing = t.server.close()
  request.end(JSON.stringify(streamed))
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  expect(response.statusCode).toBe(503)
  expect(await text(response)).toContain('"code":"stopping"')
  await closing
  expect(t.upstream.requests).toHaveLength(0)
})

test('in process, a signal alone ends a call whose body nobody reads any more', async () => {
  t.upstream.play((response) => begin(response, streamEvents().slice(0, 5)))
  const leave = new AbortController()
  const headers = { 'x-api-key': t.key }
  const body = JSON.stringify(streamed)
  const response = await t.server.fetch(
    new Request('http://here/v1/messages', { method: 'POST', body, headers, signal: leave.signal })
  )
  await response.body?.getReader().read()
  leave.abort()
  const receipt = await t.receipt(response.headers.get('request-id'))
  expect(receipt).toMatchObject({ status: 'aborted', estimated: true, input_tokens: 100 })
  expect((await t.balance()).held).toBe(0)
})

test('nothing is left waiting once an answer has ended, however it ended', async () => {
  const before = t.clock.pending
  const body = JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message: 'no' } })
  const plays: ((response: ServerResponse) => void)[] = [
    (response) => response.writeHead(400).end(body),
    (response) => response.writeHead(500).end(body),
    (response) => response.destroy(),
    (response) => {
      response.writeHead(200).write('{')
      setImmediate(() => response.destroy())
    },
    (response) => {
      begin(response, streamEvents())
      response.end()
    }
  ]
  for (const play of plays) {
    t.upstream.play(play)
    for (const stream of [true, false]) await (await t.post({ ...streamed, stream })).text()
  }
  await until(() => t.clock.pending === before)
})

test('a silent stream is pinged by a comment each fifteen seconds, and not once it speaks', async () => {
  let go = () => {}
  t.upstream.play((response) => {
    begin(response, streamEvents().slice(0, 4))
    go = () => {
      for (const event of streamEvents().slice(4)) response.write(event)
      response.end()
    }
  })
  const response = await fetch(`${t.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': t.key },
    body: JSON.stringify({ ...streamed, max_tokens: 1000 })
  })
  const reader = response.body?.getReader()
  let got = ''
  const read = async () => {
    const chunk = await reader?.read()
    got += Buffer.from(chunk?.value ?? []).toString()
    return chunk?.done
  }
  while (!got.includes('Hello')) await read()
  for (let i = 0; i < 3; i++) {
    const pending = read()
    t.clock.advance({ seconds: 15 })
    await pending
  }
  go()
  while (!(await read()));
  expect(got.split(': ping\n\n').length - 1).toBe(3)
  expect(got.replaceAll(': ping\n\n', '').replace(/: caicaini-receipt .*\n\n/, '')).toBe(streamEvents().join(''))
})
