import { createAnthropic } from '@ai-sdk/anthropic'
import { parseReceiptJson, type Receipt } from '@caicaini/protocol'
import { LLMock } from '@copilotkit/aimock'
import { generateText, streamText } from 'ai'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestServer, type TestServer } from '../src/testing/server.js'

/** Anthropic as a maintained mock plays it, so that our own idea of the wire is not the judge. */
let upstream: LLMock
let t: TestServer

beforeEach(async () => {
  upstream = new LLMock({ port: 0, host: '127.0.0.1' })
  upstream.onMessage('hello', { content: 'Hello from the other side.' })
  upstream.onMessage('weather', { toolCalls: [{ name: 'get_weather', arguments: { city: 'Łódź' } }] })
  await upstream.start()
  t = await createTestServer({ env: { CAICAINI_ANTHROPIC_BASE_URL: upstream.url } })
})

afterEach(async () => {
  expect((await t.audit()).differences).toEqual([])
  await t.close()
  await upstream.stop()
})

const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user' as const, content: 'hello' }] }
const weather = {
  ...ask,
  messages: [{ role: 'user' as const, content: 'weather' }],
  tools: [{ name: 'get_weather', input_schema: { type: 'object' as const, properties: { city: { type: 'string' } } } }]
}

test('the Anthropic SDK creates a message and reads its receipt', async () => {
  const { data, response } = await t.sdk().messages.create(ask).withResponse()
  expect(data.content).toEqual([expect.objectContaining({ type: 'text', text: 'Hello from the other side.' })])
  const receipt = parseReceiptJson(response.headers.get('caicaini-receipt') ?? '') as Receipt
  expect(receipt).toMatchObject({
    status: 'complete',
    provider: 'anthropic',
    // The mock counts nothing in an answer that is not streamed: then it is we who estimate, and say so.
    estimated: true
  })
  expect(receipt.credits).toBeGreaterThan(0)
  expect((await t.balance()).balance).toBe(receipt.balance)
})

test('the Anthropic SDK streams undisturbed, tools included', async () => {
  const text = await t.sdk().messages.stream(ask).finalText()
  expect(text).toBe('Hello from the other side.')
  const message = await t.sdk().messages.stream(weather).finalMessage()
  expect(message.content).toContainEqual(expect.objectContaining({ type: 'tool_use', input: { city: 'Łódź' } }))
  expect(message.stop_reason).toBe('tool_use')
})

test('the AI SDK streams and generates with only base URL and key set', async () => {
  const anthropic = createAnthropic({ baseURL: `${t.url}/v1`, apiKey: t.key })
  const { text } = await generateText({ model: anthropic('claude-haiku-4-5'), prompt: 'hello' })
  expect(text).toBe('Hello from the other side.')
  const errors: unknown[] = []
  const stream = streamText({
    model: anthropic('claude-haiku-4-5'),
    prompt: 'hello',
    onError: ({ error }) => void errors.push(error)
  })
  let streamed = ''
  for await (const delta of stream.textStream) streamed += delta
  expect(streamed).toBe('Hello from the other side.')
  expect(errors).toEqual([])
})

test('the SDK lists the models and finds one by its alias', async () => {
  const ids: string[] = []
  for await (const model of t.sdk().models.list()) ids.push(model.id)
  expect(ids).toEqual(
    expect.arrayContaining([
      'caicaini/auto',
      'claude-haiku-4-5',
      'claude-sonnet-4-6',
      'claude-opus-4-7',
      'deepseek-chat',
      'deepseek-reasoner'
    ])
  )
  expect((await t.sdk().models.retrieve('haiku')).id).toBe('claude-haiku-4-5')
})

test('auto picks by its stated rule and says why', async () => {
  const { response } = await t
    .sdk()
    .messages.create({ ...ask, model: 'caicaini/auto' })
    .withResponse()
  const receipt = parseReceiptJson(response.headers.get('caicaini-receipt') ?? '') as Receipt
  expect(receipt).toMatchObject({ model: 'caicaini/auto', model_used: 'claude-haiku-4-5' })
  expect(receipt.route_reason).toBe(response.headers.get('x-caicaini-route'))
  expect(receipt.route_reason).toMatch(/short/i)
})

test("the upstream gets the operator's key and never the customer's, and the client's own bytes", async () => {
  const odd = `{"model" : "haiku",  "max_tokens":1024,"x_unknown": {"b":1,"a":[1.0, 2e3]},\n"messages":[{"role":"user","content":"hello \\u00e9"}]}`
  const response = await t.post(odd, { headers: { 'anthropic-beta': 'some-beta-2026' } })
  expect(response.status).toBe(200)
  const [request] = upstream.getRequests()
  const headers = JSON.stringify(request?.headers)
  expect(headers).toContain('some-beta-2026')
  expect(headers).not.toContain(t.key)
})
