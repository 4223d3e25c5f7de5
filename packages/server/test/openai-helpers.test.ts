import OpenAI from 'openai'
import { zodFunction, zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
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

const client = (maxRetries = 0) => new OpenAI({ baseURL: `${t.url}/v1`, apiKey: t.key, maxRetries })
const says = (content: string) => [{ role: 'user' as const, content }]
const HELLO = 'Hello from the other side.'
const schema = z.object({ city: z.string(), degrees: z.number() })
const cityOnly = z.object({ city: z.string() })

describe.each(['claude-haiku-4-5', 'gpt-x'])('the OpenAI SDK’s helpers, answered by %s', (model) => {
  test.each([false, true])('runTools calls the function and goes on, streamed: %s', async (stream) => {
    const asked: unknown[] = []
    const weather = zodFunction({
      name: 'get_weather',
      parameters: cityOnly,
      function: (input) => {
        asked.push(input)
        return 'rain'
      }
    })
    const ask = { model, messages: says('weather'), tools: [weather] }
    const runner = stream
      ? client().chat.completions.runTools({ ...ask, stream: true })
      : client().chat.completions.runTools(ask)
    expect(await runner.finalContent()).toBe('It is raining in Łódź.')
    expect(asked).toEqual([{ city: 'Łódź' }])
    expect(await t.stopReasons()).toEqual(['tool_use', 'end_turn'])
  })

  test('parse: an answer by a schema, in both formats', async () => {
    const chat = await client().chat.completions.parse({
      model,
      messages: says('structured'),
      response_format: zodResponseFormat(schema, 'weather')
    })
    expect(chat.choices[0]?.message.parsed).toEqual({ city: 'Łódź', degrees: -3 })
    const response = await client().responses.parse({
      model,
      store: false,
      input: 'structured',
      text: { format: zodTextFormat(schema, 'weather') }
    })
    expect(response.output_parsed).toEqual({ city: 'Łódź', degrees: -3 })
  })

  test('parse: a strict function’s arguments', async () => {
    const ask = {
      model,
      messages: says('weather'),
      tools: [zodFunction({ name: 'get_weather', parameters: cityOnly })]
    }
    const chat = await client().chat.completions.parse(ask)
    const [call] = chat.choices[0]?.message.tool_calls ?? []
    expect(call?.type === 'function' && call.function.parsed_arguments).toEqual({ city: 'Łódź' })
  })

  test('Responses: a function is called, streamed, and the conversation goes on with its result', async () => {
    const weather = {
      type: 'function' as const,
      name: 'get_weather',
      strict: true,
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
        additionalProperties: false
      }
    }
    const ask = { model, store: false, tools: [weather] }
    const stream = client().responses.stream({ ...ask, input: 'weather' })
    const args: string[] = []
    stream.on('response.function_call_arguments.delta', ({ delta }) => void args.push(delta))
    const { output } = await stream.finalResponse()
    const [call] = output
    if (call?.type !== 'function_call') throw new Error('no call')
    expect(JSON.parse(args.join(''))).toEqual({ city: 'Łódź' })
    const result = { type: 'function_call_output' as const, call_id: call.call_id, output: 'rain' }
    const next = await client().responses.create({ ...ask, input: [...says('weather'), call, result] })
    expect(next.output_text).toBe('It is raining in Łódź.')
  })

  test('errors are of their own classes, and name the request', async () => {
    const ask = { model, messages: says('hello') }
    await expect(client().chat.completions.create({ ...ask, model: 'gpt-y' })).rejects.toBeInstanceOf(
      OpenAI.NotFoundError
    )
    await expect(client().responses.create({ model, input: [] })).rejects.toBeInstanceOf(OpenAI.BadRequestError)
    const other = new OpenAI({ baseURL: `${t.url}/v1`, apiKey: 'cai_api_x', maxRetries: 0 })
    const error = await other.chat.completions.create(ask).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError)
    expect(error).toMatchObject({ requestID: expect.stringMatching(/^req_/) })
  })

  test('a provider that is down for a moment is asked again by the SDK itself', async () => {
    t.upstream.nextRequestError(503, { message: 'Down' })
    const completion = await client(2).chat.completions.create({ model, messages: says('hello') })
    expect(completion.choices[0]?.message.content).toBe(HELLO)
    expect(t.upstream.getRequests()).toHaveLength(2)
    // The first try has a receipt too, of nothing.
    expect(await t.stopReasons()).toEqual([null, 'end_turn'])
  })

  test('models: all of them, and one', async () => {
    const ids: string[] = []
    for await (const { id } of client().models.list()) ids.push(id)
    expect(ids).toContain(model)
    expect(await client().models.retrieve(model)).toMatchObject({ id: model })
  })
})
