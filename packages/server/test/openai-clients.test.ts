import { createOpenAI } from '@ai-sdk/openai'
import { parseReceiptJson } from '@caicaini/protocol'
import { LLMock } from '@copilotkit/aimock'
import { generateText, streamText } from 'ai'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withChatProvider } from '../src/testing/catalog.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

/** Both providers as a maintained mock plays them, so that our own idea of the wire is not the judge. */
let upstream: LLMock
let t: TestServer

beforeEach(async () => {
  upstream = new LLMock({ port: 0, host: '127.0.0.1' })
  upstream.onMessage('hello', { content: 'Hello from the other side.' })
  upstream.onMessage('weather', { toolCalls: [{ name: 'get_weather', arguments: { city: 'Łódź' } }] })
  await upstream.start()
  const env = { CAICAINI_ANTHROPIC_BASE_URL: upstream.url, OPENAI_API_KEY: 'sk-operator' }
  t = await createTestServer({ env, catalog: withChatProvider(`${upstream.url}/v1`) })
})
afterEach(async () => {
  expect((await t.balance()).held).toBe(0)
  expect((await t.audit()).differences).toEqual([])
  await t.close()
  await upstream.stop()
})

const client = () => new OpenAI({ baseURL: `${t.url}/v1`, apiKey: t.key, maxRetries: 0 })
const hello = [{ role: 'user' as const, content: 'hello' }]
const tools = [
  {
    type: 'function' as const,
    function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } }
  }
]

describe.each(['claude-haiku-4-5', 'gpt-x'])('the OpenAI SDK, answered by %s', (model) => {
  test('creates a completion and reads its receipt', async () => {
    const { data, response } = await client().chat.completions.create({ model, messages: hello }).withResponse()
    expect(data.choices[0]?.message.content).toBe('Hello from the other side.')
    expect(data.choices[0]?.finish_reason).toBe('stop')
    const receipt = parseReceiptJson(response.headers.get('caicaini-receipt') ?? '')
    expect(receipt).toMatchObject({ model, status: 'complete', stop_reason: 'end_turn' })
    expect(receipt?.credits).toBeGreaterThan(0)
    // The mock's Anthropic counts nothing: then it is we who estimate, and say so.
    expect(receipt?.estimated).toBe(model !== 'gpt-x')
    if (model === 'gpt-x') expect(data.usage?.prompt_tokens).toBe(receipt?.input_tokens)
  })

  test('streams undisturbed, with usage where it asked for it and without where it did not', async () => {
    for (const include_usage of [true, false]) {
      const stream = await client().chat.completions.create({
        model,
        messages: hello,
        stream: true,
        ...(include_usage && { stream_options: { include_usage } })
      })
      let text = ''
      let usage = 0
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? ''
        if (chunk.usage) usage++
      }
      expect(text).toBe('Hello from the other side.')
      expect(usage).toBe(include_usage ? 1 : 0)
    }
    const { receipts } = await t.get<{ receipts: { estimated: boolean; output_tokens: number }[] }>('/api/receipts')
    expect(receipts).toHaveLength(2)
    for (const receipt of receipts) expect(receipt).toMatchObject({ status: 'complete', estimated: model !== 'gpt-x' })
  })

  test('calls tools, plain and streamed', async () => {
    const messages = [{ role: 'user' as const, content: 'weather' }]
    const plain = await client().chat.completions.create({ model, messages, tools })
    const [call] = plain.choices[0]?.message.tool_calls ?? []
    expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toEqual({ city: 'Łódź' })
    expect(plain.choices[0]?.finish_reason).toBe('tool_calls')
    const final = await client().chat.completions.stream({ model, messages, tools }).finalChatCompletion()
    const [streamed] = final.choices[0]?.message.tool_calls ?? []
    expect(streamed?.type === 'function' && JSON.parse(streamed.function.arguments)).toEqual({ city: 'Łódź' })
  })

  test('goes on after a tool has answered', async () => {
    upstream.onMessage('thanks', { content: 'It is raining.' })
    const answered = await client().chat.completions.create({
      model,
      tools,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'weather' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Łódź"}' } }
          ]
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'rain' },
        { role: 'user', content: 'thanks' }
      ]
    })
    expect(answered.choices[0]?.message.content).toBe('It is raining.')
  })

  test('speaks Responses, plain and streamed', async () => {
    const plain = await client().responses.create({ model, input: 'hello', store: false })
    expect(plain.output_text).toBe('Hello from the other side.')
    const stream = client().responses.stream({ model, input: 'hello', store: false })
    let text = ''
    stream.on('response.output_text.delta', ({ delta }) => {
      text += delta
    })
    const final = await stream.finalResponse()
    expect(text).toBe('Hello from the other side.')
    expect(final.status).toBe('completed')
  })

  test('streams the input of a custom tool, and goes on with its output', async () => {
    const patch = '*** Begin Patch\n*** Add File: a.txt\n+"quoted" \\ 😀 Łódź\n*** End Patch\n'
    upstream.onMessage('patch', { toolCalls: [{ name: 'apply_patch', arguments: { input: patch } }] })
    const grammar = { type: 'grammar' as const, syntax: 'lark' as const, definition: 'start: "*** Begin Patch"' }
    const ask = {
      model,
      store: false,
      tools: [{ type: 'custom' as const, name: 'apply_patch', description: 'Edits files.', format: grammar }]
    }
    const stream = client().responses.stream({ ...ask, input: 'patch' })
    const deltas: string[] = []
    stream.on('response.custom_tool_call_input.delta', ({ delta }) => void deltas.push(delta))
    const { output } = await stream.finalResponse()
    expect(output).toMatchObject([{ type: 'custom_tool_call', name: 'apply_patch', input: patch }])
    expect(deltas.join('')).toBe(patch)
    expect(deltas.length).toBeGreaterThan(1)
    const plain = await client().responses.create({
      ...ask,
      input: 'patch',
      tool_choice: { type: 'custom', name: 'apply_patch' }
    })
    const [call] = plain.output
    if (call?.type !== 'custom_tool_call') throw new Error('no call')
    expect(call.input).toBe(patch)
    upstream.onMessage('thanks', { content: 'Patched.' })
    const result = { type: 'custom_tool_call_output' as const, call_id: call.call_id, output: 'Done!' }
    const next = await client().responses.create({
      ...ask,
      input: [{ role: 'user', content: 'patch' }, call, result, { role: 'user', content: 'thanks' }]
    })
    expect(next.output_text).toBe('Patched.')
  })

  test('is told errors in its own shape', async () => {
    const openai = client()
    await expect(openai.chat.completions.create({ model: 'gpt-y', messages: hello })).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found'
    })
    await expect(openai.chat.completions.create({ model, messages: [] })).rejects.toMatchObject({
      status: 400,
      param: 'messages'
    })
    await expect(
      openai.chat.completions.create({ model, messages: hello, service_tier: 'priority' })
    ).rejects.toMatchObject({ status: 400, param: 'service_tier' })
    await expect(openai.responses.create({ model, input: 'hello', store: true })).rejects.toMatchObject({
      status: 400,
      param: 'store'
    })
    const other = new OpenAI({ baseURL: `${t.url}/v1`, apiKey: 'cai_api_x', maxRetries: 0 })
    await expect(other.chat.completions.create({ model, messages: hello })).rejects.toMatchObject({
      status: 401,
      code: 'invalid_api_key'
    })
  })

  test('the AI SDK generates and streams', async () => {
    const openai = createOpenAI({ baseURL: `${t.url}/v1`, apiKey: t.key })
    for (const of of [openai.chat(model), openai.responses(model)]) {
      const providerOptions = { openai: { store: false } }
      expect((await generateText({ model: of, prompt: 'hello', providerOptions })).text).toBe(
        'Hello from the other side.'
      )
      const errors: unknown[] = []
      const stream = streamText({
        model: of,
        prompt: 'hello',
        providerOptions,
        onError: ({ error }) => void errors.push(error)
      })
      let text = ''
      for await (const delta of stream.textStream) text += delta
      expect(text).toBe('Hello from the other side.')
      expect(errors).toEqual([])
    }
  })
})

test('the OpenAI SDK reads custom tools in the chat format, answered by a provider of Anthropic’s', async () => {
  const input = 'SELECT "ż"\nFROM t 😀;'
  upstream.onMessage('query', { toolCalls: [{ name: 'sql', arguments: { input } }] })
  const ask = {
    model: 'claude-haiku-4-5',
    messages: [{ role: 'user' as const, content: 'query' }],
    tools: [{ type: 'custom' as const, custom: { name: 'sql', description: 'Runs a query.' } }],
    tool_choice: { type: 'custom' as const, custom: { name: 'sql' } }
  }
  const plain = await client().chat.completions.create(ask)
  expect(plain.choices[0]?.message.tool_calls).toMatchObject([{ type: 'custom', custom: { name: 'sql', input } }])
  const final = await client().chat.completions.stream(ask).finalChatCompletion()
  const [said] = final.choices
  expect(said?.message.tool_calls).toMatchObject([{ type: 'custom', custom: { name: 'sql', input } }])
  expect(said?.finish_reason).toBe('tool_calls')
  const [call] = said?.message.tool_calls ?? []
  if (!call) throw new Error('no call')
  upstream.onMessage('thanks', { content: 'Two rows.' })
  const next = await client().chat.completions.create({
    ...ask,
    tool_choice: 'auto',
    messages: [
      ...ask.messages,
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: call.id, content: '2' },
      { role: 'user', content: 'thanks' }
    ]
  })
  expect(next.choices[0]?.message.content).toBe('Two rows.')
})

describe('the Anthropic SDK, answered by a provider of OpenAI’s format', () => {
  const ask = { model: 'gpt-x', max_tokens: 1024, messages: hello }

  test('creates and streams', async () => {
    const message = await t.sdk().messages.create(ask)
    expect(message.content).toMatchObject([{ type: 'text', text: 'Hello from the other side.' }])
    expect(message.stop_reason).toBe('end_turn')
    const final = await t.sdk().messages.stream(ask).finalMessage()
    expect(final.content).toMatchObject([{ type: 'text', text: 'Hello from the other side.' }])
    expect(final.usage.output_tokens).toBeGreaterThan(0)
  })

  test('calls tools', async () => {
    const final = await t
      .sdk()
      .messages.stream({
        ...ask,
        messages: [{ role: 'user', content: 'weather' }],
        tools: [{ name: 'get_weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } }]
      })
      .finalMessage()
    expect(final.stop_reason).toBe('tool_use')
    expect(final.content).toMatchObject([{ type: 'tool_use', name: 'get_weather', input: { city: 'Łódź' } }])
  })

  test('is told by its field what that provider cannot do, and nothing is held or charged', async () => {
    const refused = t.sdk().messages.create({ ...ask, top_k: 5 } as never)
    await expect(refused).rejects.toMatchObject({ status: 400 })
    await expect(refused).rejects.toThrow(/top_k/)
    expect((await t.get<{ receipts: object[] }>('/api/receipts')).receipts).toEqual([])
  })
})
