import Anthropic from '@anthropic-ai/sdk'
import { parseReceipt, RECEIPT_COMMENT } from '@caicaini/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { begin, fail, type Play, streamEvents } from '../src/testing/upstream.js'

let t: TestServer

beforeEach(async () => {
  t = await createTestServer()
})
afterEach(async () => {
  await until(async () => (await t.balance()).held === 0)
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

const ask = { model: 'claude-haiku-4-5', max_tokens: 1000, messages: [{ role: 'user' as const, content: 'think' }] }

/** A stream whose provider is silent until its client has been pinged at 25, 40 and 55 s; then it does as it is told. */
async function silentUntil(play: Play): Promise<{ response: Response; rest: () => Promise<string> }> {
  let go = () => {}
  t.upstream.play((response, request) => {
    go = () => play(response, request)
  })
  const arrived = t.upstream.nextRequest()
  const pending = t.post({ ...ask, stream: true })
  await arrived
  t.clock.advance({ seconds: 25 })
  const response = await pending
  const reader = response.body?.getReader()
  let got = ''
  const read = async () => {
    const chunk = await reader?.read()
    got += Buffer.from(chunk?.value ?? []).toString()
    return chunk?.done
  }
  await read()
  for (let pings = 1; pings < 3; pings++) {
    t.clock.advance({ seconds: 15 })
    while (got !== ': ping\n\n'.repeat(pings + 1)) await read()
  }
  return {
    response,
    async rest() {
      go()
      while (!(await read()));
      return got.slice(': ping\n\n'.repeat(3).length)
    }
  }
}

const told = (text: string) => text.replace(new RegExp(`: ${RECEIPT_COMMENT}.*\n\n`), '')

test('a stream whose provider is silent has its head after 25 s, is pinged, and is then whole', async () => {
  const { response, rest } = await silentUntil((upstream) => {
    begin(upstream, streamEvents())
    upstream.end()
  })
  expect(response.status).toBe(200)
  expect(response.headers.get('x-caicaini-route')).toBe('you picked this model')
  expect(told(await rest())).toBe(streamEvents().join(''))
  expect(await t.receipt(response.headers.get('request-id'))).toMatchObject({ status: 'complete', credits: 0.35 })
})

test.each([
  ['refuses the request', (upstream) => fail(upstream, 400, 'invalid_request_error'), 'invalid_request_error'],
  ['refuses our key', (upstream) => fail(upstream, 401), 'api_error'],
  ['is gone', (upstream) => void upstream.destroy(), 'api_error']
] as [string, Play, string][])(
  'a provider that then %s is told as an event, with its receipt, uncharged',
  async (_what, play, type) => {
    const { response, rest } = await silentUntil(play)
    const [comment = '', event = ''] = (await rest()).split('\n\n')
    expect(parseReceipt(JSON.parse(comment.slice(`: ${RECEIPT_COMMENT}`.length)))).toMatchObject({
      status: 'failed',
      credits: 0
    })
    expect(JSON.parse(event.replace(/^event: error\ndata: /, ''))).toMatchObject({ type: 'error', error: { type } })
    expect(event).not.toContain('sk-ant-operator')
    expect(await t.receipt(response.headers.get('request-id'))).toMatchObject({ status: 'failed', credits: 0 })
  }
)

test('a client that leaves meanwhile stops the provider, and pays nothing', async () => {
  t.upstream.play(() => {})
  const arrived = t.upstream.nextRequest()
  const leave = new AbortController()
  const pending = t.post({ ...ask, stream: true }, { signal: leave.signal })
  await arrived
  t.clock.advance({ seconds: 30 })
  const response = await pending
  const aborted = t.upstream.nextAbort()
  leave.abort()
  await aborted
  expect(await t.receipt(response.headers.get('request-id'))).toMatchObject({ status: 'aborted', credits: 0 })
})

test('the official SDK reads on over the pings, and throws what comes as an event', async () => {
  const stall: Play = () => {}
  t.upstream.play(stall)
  const arrived = t.upstream.nextRequest()
  const message = t.sdk().messages.stream(ask).finalMessage()
  const failed = expect(message).rejects.toThrow(Anthropic.APIError)
  await arrived
  t.clock.advance({ minutes: 1 })
  await failed
})
