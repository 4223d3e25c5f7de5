import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../request/value.js'
import { translateAnswer } from './plain.js'
import { CHAT_QUIRKS, type ChatPreset, messagesQuirksOf } from './quirks.js'
import { readChat } from './read-chat.js'
import { readMessages } from './read-messages.js'
import { readResponses } from './read-responses.js'
import { toChat } from './to-chat.js'
import { toMessages } from './to-messages.js'

const messages = (over: JsonObject = {}) => ({
  model: 'm',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hi' }],
  ...over
})
const chat = (over: JsonObject = {}) => ({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...over })
const responses = (over: JsonObject = {}) => ({ model: 'm', input: 'Hi', ...over })

const asChat = (body: JsonObject, preset: ChatPreset = 'openai') =>
  toChat(readMessages(body), { upstreamModel: 'up', maxTokens: 100, quirks: CHAT_QUIRKS[preset] })
const asMessages = (body: JsonObject, upstreamModel = 'claude-opus-4-7', maxTokens = 100) =>
  toMessages(readChat(body), { upstreamModel, maxTokens })

describe('to OpenAI’s chat format', () => {
  test('by each provider’s own fields', () => {
    expect(asChat(messages({ stream: true }))).toEqual({
      model: 'up',
      messages: [{ role: 'user', content: 'Hi' }],
      max_completion_tokens: 100,
      stream: true,
      stream_options: { include_usage: true }
    })
    expect(asChat(messages({ stream: true }), 'vllm')).toMatchObject({
      max_tokens: 100,
      stream_options: { include_usage: true, continuous_usage_stats: true }
    })
    const thinking = { thinking: { type: 'enabled', budget_tokens: 9_000 } }
    expect(asChat(messages(thinking), 'openai')).toMatchObject({ reasoning_effort: 'high' })
    expect(asChat(messages(thinking), 'deepseek')).toMatchObject({
      thinking: { type: 'enabled' },
      reasoning_effort: 'high'
    })
    expect(asChat(messages(thinking), 'moonshot')).not.toHaveProperty('reasoning_effort')
    expect(asChat(messages({ thinking: { type: 'disabled' } }), 'moonshot')).toMatchObject({
      thinking: { type: 'disabled' }
    })
    const forced = { tools: [{ name: 'a', input_schema: {} }], tool_choice: { type: 'tool', name: 'a' } }
    expect(asChat(messages(forced), 'moonshot')).toMatchObject({
      thinking: { type: 'disabled' },
      tool_choice: { type: 'function', function: { name: 'a' } }
    })
    expect(asChat(messages({ output_config: { effort: 'minimal' } }), 'ollama')).toMatchObject({
      reasoning_effort: 'low'
    })
    expect(asChat(messages({ output_config: { effort: 'high' } }), 'deepseek')).toMatchObject({
      reasoning_effort: 'high'
    })
  })

  test('reasoning is sent back in rounds with tools alone, and only where it is wanted', () => {
    const thinking = (text: string) => ({ type: 'thinking', thinking: text, signature: 's' })
    const body = messages({
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: [thinking('plain'), { type: 'text', text: 'b' }] },
        { role: 'user', content: 'c' },
        { role: 'assistant', content: [thinking('before'), { type: 'tool_use', id: 'x', name: 'n', input: { a: 1 } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: 'no', is_error: true }] },
        { role: 'assistant', content: [thinking('after'), { type: 'text', text: 'd' }] },
        { role: 'user', content: 'e' }
      ]
    })
    expect(asChat(body, 'deepseek').messages).toEqual([
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'c' },
      {
        role: 'assistant',
        content: null,
        reasoning_content: 'before',
        tool_calls: [{ id: 'x', type: 'function', function: { name: 'n', arguments: '{"a":1}' } }]
      },
      { role: 'tool', tool_call_id: 'x', content: 'Error: no' },
      { role: 'assistant', content: 'd', reasoning_content: 'after' },
      { role: 'user', content: 'e' }
    ])
    expect(JSON.stringify(asChat(body, 'openai'))).not.toContain('reasoning_content')
  })

  test('an image that a tool returned follows in a message of the user', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }
    const result = { type: 'tool_result', tool_use_id: 'x', content: [{ type: 'text', text: 'seen' }, image] }
    expect(
      asChat(messages({ messages: [{ role: 'user', content: [result, { type: 'text', text: 'so?' }] }] })).messages
    ).toEqual([
      { role: 'tool', tool_call_id: 'x', content: 'seen' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Returned by the tool call x:' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          { type: 'text', text: 'so?' }
        ]
      }
    ])
  })

  test('what Claude Code puts first for Anthropic alone is left out, the rest keeps its blocks', () => {
    const system = ['x-anthropic-billing-header: cc_version=2.1; cch=ab', 'one', 'two'].map((text) => ({
      type: 'text',
      text
    }))
    const [first] = asChat(messages({ system })).messages as JsonObject[]
    expect(first).toEqual({
      role: 'developer',
      content: [
        { type: 'text', text: 'one' },
        { type: 'text', text: 'two' }
      ]
    })
    expect((asChat(messages({ system }), 'deepseek').messages as JsonObject[])[0]).toEqual({
      role: 'system',
      content: 'one\n\ntwo'
    })
  })
})

describe('to Anthropic’s format', () => {
  test('calls, results and instructions in the middle', () => {
    const body = chat({
      messages: [
        { role: 'system', content: 'head' },
        { role: 'user', content: 'a' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'functions.f:0', type: 'function', function: { name: 'f', arguments: '' } },
            { id: 'call_2', type: 'function', function: { name: 'f', arguments: '{"a": ' } }
          ]
        },
        { role: 'tool', tool_call_id: 'functions.f:0', content: 'r' },
        { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: 's' }] },
        { role: 'developer', content: 'middle' }
      ]
    })
    const turns = [
      { role: 'user', content: [{ type: 'text', text: 'a' }] },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'functions_f_0', name: 'f', input: {} },
          { type: 'tool_use', id: 'call_2', name: 'f', input: { invalid_arguments: '{"a": ' } }
        ]
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'functions_f_0', content: [{ type: 'text', text: 'r' }] },
          { type: 'tool_result', tool_use_id: 'call_2', content: [{ type: 'text', text: 's' }] }
        ]
      }
    ]
    const middle = { type: 'text', text: 'middle' }
    expect(asMessages(body)).toMatchObject({ system: [{ type: 'text', text: 'head' }, middle], messages: turns })
    expect(asMessages(body, 'claude-opus-4-8').messages).toEqual([...turns, { role: 'system', content: [middle] }])
  })

  test('reasoning as each model takes it', () => {
    const high = chat({ reasoning_effort: 'high' })
    expect(asMessages(high)).toMatchObject({ thinking: { type: 'adaptive' }, output_config: { effort: 'high' } })
    expect(asMessages(high, 'claude-haiku-4-5', 8_000)).toMatchObject({
      thinking: { type: 'enabled', budget_tokens: 7_999 }
    })
    expect(asMessages(high, 'claude-haiku-4-5', 8_000)).not.toHaveProperty('output_config')
    // There is no room for the least budget.
    expect(asMessages(high, 'claude-haiku-4-5', 1_000)).not.toHaveProperty('thinking')
    const none = chat({ reasoning_effort: 'none' })
    expect(asMessages(none)).not.toHaveProperty('thinking')
    expect(asMessages(none, 'deepseek-chat')).toMatchObject({ thinking: { type: 'disabled' } })
    expect(messagesQuirksOf('claude-3-7-sonnet-20250219')).toMatchObject({ thinking: 'budget' })
    expect(messagesQuirksOf('claude-sonnet-5')).toMatchObject({ thinking: 'adaptive', systemTurns: true })
    expect(messagesQuirksOf('claude-sonnet-4-20250514')).toMatchObject({ thinking: 'budget', systemTurns: false })
  })

  test('signed thinking comes back; a budget is not asked for where the calls came without it', () => {
    const round = (message: JsonObject) =>
      chat({
        reasoning_effort: 'low',
        messages: [
          { role: 'user', content: 'a' },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: '{}' } }],
            ...message
          },
          { role: 'tool', tool_call_id: 'x', content: 'r' }
        ]
      })
    const block = { type: 'thinking', thinking: 'hm', signature: 'sig' }
    const signed = asMessages(round({ reasoning_content: 'hm', thinking_blocks: [block] }), 'claude-haiku-4-5', 8_000)
    expect(signed).toMatchObject({ thinking: { type: 'enabled' }, messages: [{}, { content: [block, {}] }, {}] })
    const unsigned = asMessages(round({ reasoning_content: 'hm' }), 'claude-haiku-4-5', 8_000)
    expect(unsigned).not.toHaveProperty('thinking')
    expect(JSON.stringify(unsigned.messages)).not.toContain('hm')
  })
})

describe('the Responses format', () => {
  test('items become turns; the reasoning that was given goes back signed', async () => {
    const { sealReasoning } = await import('./sealed-reasoning.js')
    const part = { type: 'thinking', text: 'hm', signature: 'sig' } as const
    const neutral = readResponses(
      responses({
        instructions: 'head',
        store: false,
        include: ['reasoning.encrypted_content'],
        input: [
          { type: 'message', role: 'developer', content: 'more' },
          { role: 'user', content: [{ type: 'input_text', text: 'a' }] },
          { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: sealReasoning(part) },
          {
            type: 'message',
            role: 'assistant',
            id: 'msg_1',
            content: [{ type: 'output_text', text: 'b', annotations: [] }]
          },
          { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: '{}' },
          { type: 'function_call_output', call_id: 'call_1', output: 'r' },
          { type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: 'gAAAA-of-somebody-else' }
        ],
        tools: [{ type: 'function', name: 'f', parameters: null, strict: true }],
        text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true } },
        reasoning: { effort: 'low', summary: 'auto' }
      })
    )
    expect(toMessages(neutral, { upstreamModel: 'claude-opus-4-7', maxTokens: 10 })).toEqual({
      model: 'claude-opus-4-7',
      max_tokens: 10,
      system: [
        { type: 'text', text: 'head' },
        { type: 'text', text: 'more' }
      ],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'a' }] },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 'sig' },
            { type: 'text', text: 'b' },
            { type: 'tool_use', id: 'call_1', name: 'f', input: {} }
          ]
        },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'call_1', content: [{ type: 'text', text: 'r' }] }]
        }
      ],
      tools: [{ name: 'f', input_schema: { type: 'object', properties: {} }, strict: true }],
      thinking: { type: 'adaptive' },
      output_config: { effort: 'low', format: { type: 'json_schema', schema: { type: 'object' } } }
    })
    expect(neutral.echo).toMatchObject({ instructions: 'head', reasoning: { effort: 'low' } })
  })

  test('a group of functions is offered by long names, and its calls are told as the client knows them', () => {
    const tools = [
      {
        type: 'namespace',
        name: 'agents',
        description: 'Helpers.',
        tools: [
          {
            type: 'function',
            name: 'spawn',
            description: 'Starts one.',
            strict: false,
            parameters: { type: 'object' }
          },
          { type: 'function', name: 'close', parameters: { type: 'object' } }
        ]
      },
      { type: 'web_search', external_web_access: true }
    ]
    const called = { type: 'function_call', call_id: 'c1', namespace: 'agents', name: 'close', arguments: '{}' }
    const input = [
      { role: 'user', content: 'go' },
      called,
      { type: 'function_call_output', call_id: 'c1', output: 'ok' }
    ]
    const neutral = readResponses(responses({ tools, input }))
    const sent = toMessages(neutral, { upstreamModel: 'claude-opus-4-7', maxTokens: 10 })
    expect(sent.tools).toMatchObject([
      { name: 'agents__spawn', description: 'Helpers.\n\nStarts one.' },
      { name: 'agents__close' }
    ])
    expect(sent.messages).toMatchObject([{}, { content: [{ type: 'tool_use', name: 'agents__close' }] }, {}])
    const content = [{ type: 'tool_use', id: 'c2', name: 'agents__spawn', input: {} }]
    const answer = { type: 'message', id: 'm', role: 'assistant', model: 'up', content, stop_reason: 'tool_use' }
    const { json } = translateAnswer({ from: 'messages', to: 'responses', request: neutral, id: 'r', nowMs: 0 }, answer)
    expect(json.output).toMatchObject([{ type: 'function_call', call_id: 'c2', namespace: 'agents', name: 'spawn' }])
  })

  test('a cache mark on a chat message, or on its call, reaches Anthropic on the last of its parts', () => {
    const mark = { type: 'ephemeral' }
    const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }
    const messagesOfChat = [
      { role: 'system', content: 'head', cache_control: mark },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' }
        ],
        cache_control: mark
      },
      { role: 'assistant', content: null, tool_calls: [{ ...call, cache_control: mark }] },
      { role: 'tool', tool_call_id: 'c1', content: 'r', cache_control: mark }
    ]
    expect(asMessages(chat({ messages: messagesOfChat }))).toMatchObject({
      system: [{ text: 'head', cache_control: mark }],
      messages: [
        { content: [{ text: 'a' }, { text: 'b', cache_control: mark }] },
        { content: [{ type: 'tool_use', cache_control: mark }] },
        { content: [{ type: 'tool_result', cache_control: mark }] }
      ]
    })
  })
})
