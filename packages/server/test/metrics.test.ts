import { afterEach, expect, test } from 'vitest'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { begin, fail, streamEvents } from '../src/testing/upstream.js'

let t: TestServer
afterEach(async () => {
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

const ask = { model: 'haiku', max_tokens: 1024, messages: [{ role: 'user', content: 'say hello' }] }
const WAY = 'model="claude-haiku-4-5",provider="anthropic"'

/** Each line of the metrics that is a sample, by what stands before its value. */
async function metrics(): Promise<Map<string, number>> {
  const response = await fetch(`${t.url}/metrics`)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const lines = (await response.text()).split('\n').filter((line) => line && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

test('requests, tokens, credits and errors are counted, and named by the catalog alone', async () => {
  t = await createTestServer()
  await t.post(ask)
  // One of the family: a name without end is counted under its entry.
  await t.post({ ...ask, model: 'claude-haiku-4-5-20991231' })
  t.upstream.play((response) => fail(response, 529, 'overloaded_error'))
  await t.post(ask)
  await t.post({ ...ask, model: 'no-such-model' })
  const told = await metrics()
  expect(told.get(`caicaini_requests_total{${WAY},status="complete"}`)).toBe(2)
  expect(told.get(`caicaini_requests_total{${WAY},status="failed"}`)).toBe(1)
  expect(told.get('caicaini_tokens_total{kind="input"}')).toBe(200)
  expect(told.get('caicaini_tokens_total{kind="output"}')).toBe(100)
  expect(told.get('caicaini_credits_total')).toBeCloseTo(0.7)
  expect(told.get('caicaini_upstream_errors_total{provider="anthropic",code="overloaded"}')).toBe(1)
  expect(told.get('caicaini_refusals_total{code="model_not_found"}')).toBe(1)
  expect(told.get('caicaini_request_seconds_count{provider="anthropic"}')).toBe(3)
  expect(told.get('caicaini_ledger_commit_seconds_count')).toBeGreaterThan(5)
  const text = [...told.keys()].join('\n')
  for (const secret of ['20991231', 'no-such-model', 'ada', 'acct_', 'key_', 'sk-ant'])
    expect(text).not.toContain(secret)
})

test('what a breaker and a stream are at is told as it stands', async () => {
  t = await createTestServer()
  t.upstream.play((response) => fail(response, 500))
  for (let i = 0; i < 5; i++) await t.post(ask)
  expect((await metrics()).get('caicaini_breaker_state{provider="anthropic",model="claude-haiku-4-5"}')).toBe(2)
  t.clock.advance({ seconds: 15 })
  expect((await metrics()).get('caicaini_breaker_state{provider="anthropic",model="claude-haiku-4-5"}')).toBe(1)
  t.upstream.play((response) => begin(response, streamEvents().slice(0, 4)))
  const leave = new AbortController()
  const response = await t.post({ ...ask, stream: true }, { signal: leave.signal })
  await response.body?.getReader().read()
  expect((await metrics()).get('caicaini_open_streams')).toBe(1)
  leave.abort()
  await until(async () => (await metrics()).get('caicaini_open_streams') === 0)
  expect((await metrics()).get('caicaini_breaker_state{provider="anthropic",model="claude-haiku-4-5"}')).toBe(0)
})

test('a failure in the middle of an answer is one of its provider', async () => {
  t = await createTestServer()
  t.upstream.play((response) => {
    begin(response, streamEvents().slice(0, 4))
    response.end()
  })
  await (await t.post({ ...ask, stream: true })).text()
  expect((await metrics()).get('caicaini_upstream_errors_total{provider="anthropic",code="upstream_error"}')).toBe(1)
})

test('a token keeps everyone else out', async () => {
  t = await createTestServer({ env: { CAICAINI_METRICS_TOKEN: 'a-token-of-enough-length' } })
  expect((await fetch(`${t.url}/metrics`)).status).toBe(404)
  const headers = { authorization: 'Bearer a-token-of-enough-length' }
  expect((await fetch(`${t.url}/metrics`, { headers })).status).toBe(200)
})
