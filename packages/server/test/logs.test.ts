import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestServer, type TestServer } from '../src/testing/server.js'
import { fail } from '../src/testing/upstream.js'

let t: TestServer
let lines: string[]

beforeEach(async () => {
  lines = []
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push(JSON.stringify({ level, ...fields, message }))
  t = await createTestServer({ world: { log: { info: write('info'), warn: write('warn'), error: write('error') } } })
})
afterEach(() => t.close())

const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'a private question' }] }

test('a request leaves one line: who, which model, how it ended, what it cost', async () => {
  const response = await t.post(ask)
  const [line] = lines.filter((each) => each.includes('"request"'))
  expect(JSON.parse(line ?? '{}')).toMatchObject({
    level: 'info',
    request_id: response.headers.get('request-id'),
    status: 'complete',
    model: 'claude-haiku-4-5',
    provider: 'anthropic',
    credits: 0.35
  })
})

test('why a provider failed is told to the operator, not to the customer', async () => {
  t.upstream.play((response) => fail(response, 401))
  const response = await t.post(ask)
  expect(await response.text()).not.toContain('ANTHROPIC_API_KEY')
  const warning = lines.find((line) => line.includes('"warn"')) ?? ''
  expect(JSON.parse(warning)).toMatchObject({
    upstream_status: 401,
    message: expect.stringContaining('ANTHROPIC_API_KEY')
  })
})

test('no line ever holds a key or a message', async () => {
  await t.post(ask)
  await t.post({ ...ask, max_tokens: 'a private number' })
  await t.post(ask, { key: `${t.key.slice(0, -1)}x` })
  t.upstream.play((response) => fail(response, 500))
  await t.post({ ...ask, stream: true })
  const all = lines.join('\n')
  for (const secret of [t.key, t.key.slice(8, 30), 'sk-ant-operator', 'private']) expect(all).not.toContain(secret)
})
