import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../request/value.js'
import { translateAnswer } from './plain.js'
import { CHAT_QUIRKS } from './quirks.js'
import { readMessages } from './read-messages.js'
import { readResponses } from './read-responses.js'
import { messageOfStream, responseOfStream } from './testing/clients.js'
import { golden, replay, translator } from './testing/golden.js'
import { request } from './testing/request.js'
import { toChat } from './to-chat.js'
import { toMessages } from './to-messages.js'

const toOpenRouter = (body: JsonObject, maxTokens: number | null = 64_000) =>
  toChat(readMessages(body), { upstreamModel: 'up', maxTokens, quirks: CHAT_QUIRKS.openrouter })
const ask = (over: JsonObject) => ({
  model: 'm',
  max_tokens: 64_000,
  messages: [{ role: 'user', content: 'Hi' }],
  ...over
})

/** What OpenRouter would give: of Claude, of an OpenAI model, of Gemini, and of an open model. */
const DETAILS: Readonly<Record<string, readonly JsonObject[]>> = {
  Claude: [
    { type: 'reasoning.text', text: 'hm', signature: 'EqQB', format: 'anthropic-claude-v1' },
    { type: 'reasoning.encrypted', data: 'EmwK', format: 'anthropic-claude-v1' }
  ],
  OpenAI: [
    { type: 'reasoning.summary', summary: 'Weighed it.', id: 'rs_1', format: 'openai-responses-v1', index: 0 },
    { type: 'reasoning.encrypted', data: 'gAAA', id: 'rs_1', format: 'openai-responses-v1', index: 0 }
  ],
  Gemini: [
    { type: 'reasoning.text', text: 'hm', format: 'google-gemini-v1', index: 0 },
    { type: 'reasoning.encrypted', data: 'CiQB', id: 'call_1', format: 'google-gemini-v1', index: 1 }
  ],
  'one that is not known yet': [{ type: 'reasoning.other', what: { is: 'it' }, format: 'x', index: 0 }]
}

const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }
const answer = (details: readonly JsonObject[], over: JsonObject = {}) => ({
  id: 'gen-1',
  provider: 'X',
  model: 'up',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'ok', tool_calls: [call], reasoning_details: details, ...over },
      finish_reason: 'tool_calls'
    }
  ],
  usage: { prompt_tokens: 5, completion_tokens: 7, cost: 0.1 }
})
const translate = (to: 'messages' | 'responses', json: unknown) =>
  translateAnswer({ from: 'chat', to, request: request(), id: 'r', nowMs: 0 }, json).json

function throughMessages(json: unknown): JsonObject {
  const { content } = translate('messages', json)
  return ask({
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: 'r' }] }
    ]
  })
}

describe('reasoning of OpenRouter', () => {
  test.each(Object.entries(DETAILS))('of %s goes back unmodified, whichever format the client speaks', (_, details) => {
    const messages = toOpenRouter(throughMessages(answer(details))).messages as JsonObject[]
    expect(messages[1]).toMatchObject({ role: 'assistant', reasoning_details: details })
    const { output } = translate('responses', answer(details))
    const result = { type: 'function_call_output', call_id: 'call_1', output: 'r' }
    const neutral = readResponses({ model: 'm', input: [{ role: 'user', content: 'Hi' }, ...(output as []), result] })
    const sent = toChat(neutral, { upstreamModel: 'up', maxTokens: null, quirks: CHAT_QUIRKS.openrouter })
    expect(sent.messages).toMatchObject([{}, { reasoning_details: details }, {}])
  })

  test('that nobody signed goes back as a text', () => {
    const plain = [{ type: 'reasoning.text', text: 'hm', format: 'unknown', index: 0 }]
    for (const json of [answer(plain), answer([], { reasoning: 'hm' })]) {
      expect(toOpenRouter(throughMessages(json)).messages).toMatchObject([{}, { reasoning: 'hm' }, {}])
    }
    // Outside of rounds with tools it is not wanted.
    const over = ask({
      messages: [{ role: 'assistant', content: [{ type: 'thinking', thinking: 'hm', signature: '' }] }]
    })
    expect(toOpenRouter(over).messages).toEqual([{ role: 'assistant', content: '' }])
  })

  test('reaches Anthropic only where it is Anthropic’s own', () => {
    const sent = (details: readonly JsonObject[]) =>
      toMessages(readMessages(throughMessages(answer(details))), { upstreamModel: 'claude-opus-4-7', maxTokens: 9 })
    const thoughtsOf = (details: readonly JsonObject[]) => {
      const [, { content }] = sent(details).messages as [JsonObject, { content: JsonObject[] }]
      return content.filter(({ type }) => type !== 'text' && type !== 'tool_use')
    }
    expect(thoughtsOf(DETAILS.Claude ?? [])).toEqual([
      { type: 'thinking', thinking: 'hm', signature: 'EqQB' },
      { type: 'redacted_thinking', data: 'EmwK' }
    ])
    expect(thoughtsOf(DETAILS.OpenAI ?? [])).toEqual([])
  })

  test('streamed in pieces, with the signature last, is one block', async () => {
    const { bytes } = golden('chat-openrouter')
    const read = (to: 'messages' | 'responses') => {
      const { forward, final } = replay(translator('chat', to), bytes, [])
      return forward + final
    }
    const message = await messageOfStream(read('messages'))
    expect(message).toMatchObject({
      model: 'anthropic/claude-sonnet-4.5',
      content: [
        { type: 'thinking', thinking: 'Boston, then clothes.', signature: 'EqQBCgIYAhIM1gbcDa9GJwZA2b3h' },
        { type: 'redacted_thinking', data: 'EmwKAhgBEgy3va3pzix' },
        { type: 'text', text: 'I will look.' },
        { type: 'tool_use', name: 'get_weather', input: { location: 'Boston' } }
      ],
      stop_reason: 'tool_use',
      usage: { input_tokens: 12, cache_read_input_tokens: 300, cache_creation_input_tokens: 100, output_tokens: 96 }
    })
    expect(read('messages').split(': keep-alive\n\n').length - 1).toBe(3)
    expect(responseOfStream(read('responses')).items.map(({ type }) => type)).toEqual([
      'reasoning',
      'reasoning',
      'message',
      'function_call'
    ])
  })

  test('that only its provider can read waits for the calls that it comes between', async () => {
    const chunk = (delta: JsonObject, finish_reason: string | null = null) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`
    const hidden = { type: 'reasoning.encrypted', data: 'CiQB', format: 'google-gemini-v1', id: 'call_1', index: 0 }
    const part = (text: string) => ({
      tool_calls: [{ index: 0, id: 'call_1', function: { name: 'f', arguments: text } }]
    })
    const text = [
      chunk(part('{"a"')),
      chunk({ reasoning_details: [hidden] }),
      chunk(part(':1}')),
      chunk({}, 'tool_calls')
    ]
    const { forward, final } = replay(
      translator('chat', 'messages'),
      Buffer.from(`${text.join('')}data: [DONE]\n\n`),
      []
    )
    expect(await messageOfStream(forward + final)).toMatchObject({
      content: [{ type: 'tool_use', input: { a: 1 } }, { type: 'redacted_thinking' }]
    })
  })
})

describe('to OpenRouter', () => {
  test.each([
    [{ thinking: { type: 'enabled', budget_tokens: 2_000 } }, { max_tokens: 2_000 }],
    [{ thinking: { type: 'enabled', budget_tokens: 64_000 } }, { max_tokens: 63_999 }],
    [{ thinking: { type: 'adaptive' } }, { enabled: true }],
    [{ thinking: { type: 'adaptive' }, output_config: { effort: 'max' } }, { effort: 'max' }],
    [{ thinking: { type: 'disabled' } }, { effort: 'none' }],
    [{}, undefined]
  ])('reasoning is asked for by its one object: %j', (over, reasoning) => {
    const sent = toOpenRouter(ask(over))
    expect(sent.reasoning).toEqual(reasoning)
    expect(sent).not.toHaveProperty('reasoning_effort')
  })

  test('a budget for which there is no room is left out', () => {
    expect(toOpenRouter(ask({ thinking: { type: 'enabled', budget_tokens: 2_000 } }), 500)).not.toHaveProperty(
      'reasoning'
    )
  })

  test('instructions are system, and sampling is as the client wants it', () => {
    expect(toOpenRouter(ask({ system: 'Be brief.', top_k: 5, stream: true }))).toMatchObject({
      max_completion_tokens: 64_000,
      top_k: 5,
      stream_options: { include_usage: true },
      messages: [{ role: 'system', content: 'Be brief.' }, {}]
    })
  })

  test('an answer that it broke off is a failure, whole and streamed', () => {
    const broken = answer([])
    const [choice] = broken.choices
    const json = { ...broken, choices: [{ ...choice, finish_reason: 'error', error: { code: 502, message: 'x' } }] }
    expect(() => translate('messages', json)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
    const { error, readings } = replay(translator('chat', 'responses'), golden('chat-openrouter-error').bytes, [])
    expect({ error, sawFinal: readings.sawFinal }).toEqual({
      error: { type: 'api_error', message: 'Provider disconnected unexpectedly' },
      sawFinal: false
    })
  })
})
