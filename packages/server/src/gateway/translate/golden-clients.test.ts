import { describe, expect, test } from 'vitest'
import { createChatTap } from './chat-tap.js'
import { createStreamTranslator } from './stream.js'
import { completionOfStream, eventsOfStream, messageOfStream, responseOfStream } from './testing/clients.js'
import { golden, goldens, replay, translator } from './testing/golden.js'
import { request } from './testing/request.js'

const streamed = (name: string, to: 'messages' | 'chat' | 'responses') => {
  const { from, bytes } = golden(name)
  const { forward, final } = replay(translator(from, to), bytes, [])
  return forward + final
}

describe("Anthropic's client reads what chat streams become", () => {
  test('text, ids and usage', async () => {
    expect(await messageOfStream(streamed('chat-text', 'messages'))).toMatchObject({
      id: 'msg_x1',
      model: 'gpt-5.2',
      content: [{ type: 'text', text: 'Hello, 世界 😀!' }],
      stop_reason: 'end_turn',
      usage: {
        input_tokens: 86,
        cache_read_input_tokens: 1920,
        output_tokens: 300,
        output_tokens_details: { thinking_tokens: 192 }
      }
    })
  })

  test('parallel calls whose parts interleave are blocks one after another', async () => {
    const text = streamed('chat-parallel-tools', 'messages')
    expect(await messageOfStream(text)).toMatchObject({
      content: [
        { type: 'tool_use', id: 'call_DdmO9pD3xa9XTPNJ32zg2hcA', name: 'get_weather', input: { location: 'Paris }"' } },
        { type: 'tool_use', id: 'call_ABC', name: 'get_weather', input: { location: 'Tokyo' } },
        { type: 'tool_use', id: 'call_none', name: 'get_time', input: {} }
      ],
      stop_reason: 'tool_use'
    })
    const order = eventsOfStream(text).flatMap(({ name, data }) =>
      name.startsWith('content_block_') && !name.endsWith('delta') ? [`${name} ${JSON.parse(data).index}`] : []
    )
    expect(order).toEqual([0, 1, 2].flatMap((i) => [`content_block_start ${i}`, `content_block_stop ${i}`]))
  })

  test('reasoning, text and a call of DeepSeek', async () => {
    expect(await messageOfStream(streamed('chat-deepseek', 'messages'))).toMatchObject({
      content: [
        { type: 'thinking', thinking: 'The user wants the weather.', signature: '' },
        { type: 'text', text: 'Let me look.' },
        { type: 'tool_use', id: 'call_00_ENqXlFxZSrPnP1CiaBLd9a8B', input: { location: '杭州' } }
      ],
      stop_reason: 'tool_use',
      usage: { input_tokens: 19, cache_read_input_tokens: 320, output_tokens: 83 }
    })
  })

  test('a refusal, a cut at the limit, and a stop sequence', async () => {
    expect(await messageOfStream(streamed('chat-refusal', 'messages'))).toMatchObject({
      content: [{ type: 'text', text: "I'm sorry, I cannot help with that." }],
      stop_reason: 'refusal'
    })
    expect(await messageOfStream(streamed('chat-length', 'messages'))).toMatchObject({ stop_reason: 'max_tokens' })
    expect(await messageOfStream(streamed('chat-vllm', 'messages'))).toMatchObject({
      content: [
        { type: 'thinking', thinking: 'Easy.' },
        { type: 'text', text: 'One, two' }
      ],
      stop_reason: 'stop_sequence',
      stop_sequence: 'END'
    })
  })

  test('message_start has the true input where the provider counts from the first chunk on, else the estimate', () => {
    const first = (name: string) => JSON.parse(eventsOfStream(streamed(name, 'messages'))[0]?.data ?? '').message.usage
    expect(first('chat-vllm')).toMatchObject({ input_tokens: 15 })
    expect(first('chat-text')).toMatchObject({ input_tokens: 40 })
  })

  test('an answer that nobody counted is told with its estimate', async () => {
    expect(await messageOfStream(streamed('chat-no-usage', 'messages'))).toMatchObject({
      usage: { input_tokens: 40, output_tokens: 6 }
    })
  })
})

describe("an OpenAI client reads what Anthropic's streams become", () => {
  test('text and usage, in chunks of the documented shape', () => {
    const { chunks, ...rest } = completionOfStream(streamed('messages-text', 'chat'))
    expect(rest).toMatchObject({
      content: 'Hello, 世界 😀!',
      finishReason: 'stop',
      done: true,
      usage: {
        prompt_tokens: 62,
        completion_tokens: 15,
        total_tokens: 77,
        prompt_tokens_details: { cached_tokens: 7, cache_write_tokens: 30 }
      }
    })
    expect(chunks[0]).toEqual({
      id: 'chatcmpl-x1',
      object: 'chat.completion.chunk',
      created: 1_763_733_600,
      model: 'claude-opus-4-7',
      choices: [{ index: 0, delta: { role: 'assistant', content: 'Hello' }, logprobs: null, finish_reason: null }],
      usage: null
    })
  })

  test('signed thinking, and calls with and without arguments', () => {
    expect(completionOfStream(streamed('messages-thinking-tools', 'chat'))).toMatchObject({
      content: 'I will look.',
      reasoning: 'Two cities, so two calls.',
      thinkingBlocks: [
        { type: 'thinking', thinking: 'Two cities, so two calls.', signature: 'EqQBCgIYAhIM1gbcDa9GJwZA2b3h' },
        { type: 'redacted_thinking', data: 'EmwKAhgBEgy3va3pzix' }
      ],
      calls: [
        { id: 'toolu_01T1x1fJ34qAmk2tNTrN7Up6', name: 'get_weather', arguments: '{"location": "San Francisco, CA"}' },
        { id: 'toolu_01A09q90qw90lq917835lq9', name: 'get_time', arguments: '{}' }
      ],
      finishReason: 'tool_calls',
      usage: { completion_tokens_details: { reasoning_tokens: 31 } }
    })
  })

  test('a refusal and a cut at the limit', () => {
    expect(completionOfStream(streamed('messages-refusal', 'chat'))).toMatchObject({
      content: 'I can',
      refusal: 'This request is about malware.',
      finishReason: 'content_filter'
    })
    expect(completionOfStream(streamed('messages-max-tokens', 'chat'))).toMatchObject({ finishReason: 'length' })
  })
})

describe('a Responses client reads what both become', () => {
  const good = goldens.filter(({ name }) => !name.endsWith('-error'))

  test.each(good)('$name: deltas, items and the response at the end agree', ({ name }) => {
    const { events, gathered, items, response } = responseOfStream(streamed(name, 'responses'))
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, i) => i))
    expect(events.every((event) => event.name === event.type)).toBe(true)
    expect(events.slice(0, 2).map(({ type }) => type)).toEqual(['response.created', 'response.in_progress'])
    const last = response.output.length - 1
    // The last item of an answer that was cut is incomplete only in the response itself.
    expect(response.output.map((item: object) => ({ ...item, status: 'x' }))).toEqual(
      items.map((item) => ({ ...item, status: 'x' }))
    )
    expect(response.output[last]?.status ?? response.status).toBe(response.status)
    for (const [index, text] of gathered) {
      const item = response.output[index]
      const part = item.content?.[0] ?? item.summary?.[0]
      expect(text).toBe(part ? (part.text ?? part.refusal) : item.arguments)
    }
  })

  test('calls, reasoning and usage', () => {
    expect(responseOfStream(streamed('chat-deepseek', 'responses')).response).toMatchObject({
      id: 'resp_x1',
      object: 'response',
      status: 'completed',
      model: 'deepseek-reasoner',
      output: [
        { id: 'rs_x1_0', type: 'reasoning', summary: [{ type: 'summary_text', text: 'The user wants the weather.' }] },
        { id: 'msg_x1_1', type: 'message', content: [{ type: 'output_text', text: 'Let me look.' }] },
        { id: 'fc_x1_2', type: 'function_call', call_id: 'call_00_ENqXlFxZSrPnP1CiaBLd9a8B', name: 'get_weather' }
      ],
      usage: {
        input_tokens: 339,
        input_tokens_details: { cached_tokens: 320 },
        output_tokens: 83,
        output_tokens_details: { reasoning_tokens: 37 },
        total_tokens: 422
      }
    })
  })

  test('an answer cut at the limit is incomplete, one that says why it refuses is complete', () => {
    expect(responseOfStream(streamed('chat-length', 'responses')).response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' }
    })
    expect(responseOfStream(streamed('messages-refusal', 'responses')).response).toMatchObject({
      status: 'completed',
      output: [{ type: 'message' }, { content: [{ type: 'refusal', refusal: 'This request is about malware.' }] }]
    })
  })
})

describe('a stream', () => {
  test('is kept alive where the provider keeps it alive: by its comments, and by its pings', () => {
    expect(streamed('chat-deepseek', 'messages').split(': keep-alive\n\n')).toHaveLength(3)
    expect(streamed('messages-text', 'responses').split(': keep-alive\n\n')).toHaveLength(3)
  })

  test('tells signed reasoning in one delta, for a client that keeps the last one alone', () => {
    const { chunks } = completionOfStream(streamed('messages-thinking-tools', 'chat'))
    const signed = chunks.filter(({ choices: [choice] }) => choice?.delta.thinking_blocks)
    expect(signed).toMatchObject([{ choices: [{ delta: { thinking_blocks: [{}, {}] } }] }])
  })

  test('an event that never ends is refused at the limit', () => {
    const endless = Buffer.from(`data: ${'a'.repeat(3_000)}`)
    for (const make of [createChatTap, createStreamTranslator]) {
      const of = { from: 'chat', to: 'messages', request: request(), nowMs: 0, id: 'x', stripUsage: true } as const
      const tap = make({ ...of, eventBytesMax: 2_000 })
      expect(() => tap.push(endless)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
    }
  })
})
