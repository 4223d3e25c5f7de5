import Anthropic from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createMockedServer, type MockedServer } from '../src/testing/mocked.js'

let t: MockedServer
beforeEach(async () => {
  t = await createMockedServer()
})
afterEach(async () => {
  expect((await t.balance()).held).toBe(0)
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

const says = (content: string) => [{ role: 'user' as const, content }]
const HELLO = 'Hello from the other side.'
const schema = z.object({ city: z.string(), degrees: z.number() })

describe.each(['claude-haiku-4-5', 'gpt-x'])('the Anthropic SDK’s helpers, answered by %s', (model) => {
  const ask = { model, max_tokens: 1024 }

  test('stream: words as they come, and the whole message', async () => {
    const stream = t.sdk().messages.stream({ ...ask, messages: says('hello') })
    const words: string[] = []
    const events: string[] = []
    stream.on('text', (text) => void words.push(text)).on('streamEvent', ({ type }) => void events.push(type))
    const message = await stream.finalMessage()
    expect(words.join('')).toBe(HELLO)
    expect(message).toMatchObject({
      role: 'assistant',
      content: [{ type: 'text', text: HELLO }],
      stop_reason: 'end_turn'
    })
    expect([events[0], events.at(-1)]).toEqual(['message_start', 'message_stop'])
  })

  test.each([false, true])('tool runner, streamed: %s', async (stream) => {
    const asked: unknown[] = []
    const weather = betaZodTool({
      name: 'get_weather',
      description: 'The weather of a city.',
      inputSchema: z.object({ city: z.string() }),
      run: (input) => {
        asked.push(input)
        return 'rain'
      }
    })
    const runner = t.sdk().beta.messages.toolRunner({ ...ask, messages: says('weather'), tools: [weather], stream })
    const message = await runner.runUntilDone()
    expect(asked).toEqual([{ city: 'Łódź' }])
    expect(message.content).toMatchObject([{ type: 'text', text: 'It is raining in Łódź.' }])
    expect(await t.stopReasons()).toEqual(['tool_use', 'end_turn'])
  })

  test('parse: an answer by a schema', async () => {
    const output_config = { format: zodOutputFormat(schema) }
    const parsed = await t.sdk().messages.parse({ ...ask, messages: says('structured'), output_config })
    expect(parsed.parsed_output).toEqual({ city: 'Łódź', degrees: -3 })
  })

  test('models: all of them, one, and one that is not there', async () => {
    const ids: string[] = []
    for await (const { id } of t.sdk().models.list({ limit: 2 })) ids.push(id)
    expect(ids).toContain(model)
    expect(new Set(ids).size).toBe(ids.length)
    expect(await t.sdk().models.retrieve(model)).toMatchObject({ id: model, type: 'model' })
    await expect(t.sdk().models.retrieve('no-such-model')).rejects.toBeInstanceOf(Anthropic.NotFoundError)
  })

  test('errors are of their own classes, and name the request', async () => {
    const create = (over: object, sdk = t.sdk()) => sdk.messages.create({ ...ask, messages: says('hello'), ...over })
    await expect(create({ model: 'no-such-model' })).rejects.toBeInstanceOf(Anthropic.NotFoundError)
    await expect(create({ max_tokens: 0 })).rejects.toBeInstanceOf(Anthropic.BadRequestError)
    await expect(create({}, t.sdk('cai_api_x'))).rejects.toBeInstanceOf(Anthropic.AuthenticationError)
    const error = await create({ max_tokens: -1 }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      requestID: expect.stringMatching(/^req_/)
    })
  })

  test('a provider that is down for a moment is asked again by the SDK itself', async () => {
    const sdk = new Anthropic({ baseURL: t.url, apiKey: t.key, maxRetries: 2 })
    t.upstream.nextRequestError(529, { message: 'Overloaded', type: 'overloaded_error' })
    const message = await sdk.messages.create({ ...ask, messages: says('hello') })
    expect(message.content).toMatchObject([{ text: HELLO }])
    expect(t.upstream.getRequests()).toHaveLength(2)
    // The first try has a receipt too, of nothing.
    expect(await t.stopReasons()).toEqual([null, 'end_turn'])
  })
})

test('the Anthropic SDK counts tokens for a model of another format, where nobody but we can', async () => {
  const counted = await t.sdk().messages.countTokens({ model: 'gpt-x', messages: says('hello') })
  expect(counted.input_tokens).toBeGreaterThan(1)
})
