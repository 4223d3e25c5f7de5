import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../request/value.js'
import type { UpstreamFormat, WireFormat } from './neutral.js'
import { translateAnswer } from './plain.js'
import { createStreamTranslator } from './stream.js'
import { messageOfStream } from './testing/clients.js'
import { golden, replay, translator } from './testing/golden.js'
import { request } from './testing/request.js'
import { usageOfChat, usageOfResponses } from './usage.js'

const translate = (from: UpstreamFormat, to: WireFormat, json: unknown) =>
  translateAnswer({ from, to, request: request(), id: 'req_x1', nowMs: 1_763_733_600_000 }, json)

const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-opus-4-7',
  content: [
    { type: 'thinking', thinking: 'hm', signature: 'sig' },
    { type: 'text', text: 'Look' },
    { type: 'text', text: 'ing.' },
    { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } }
  ],
  stop_reason: 'tool_use',
  stop_sequence: null,
  usage: { input_tokens: 5, cache_read_input_tokens: 3, cache_creation_input_tokens: 2, output_tokens: 9 }
}

const COMPLETION = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'kimi-k2.5',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: 'Looking.',
        reasoning_content: 'hm',
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
          { type: 'function', function: { name: 'g', arguments: '{"a":' } }
        ]
      },
      finish_reason: 'tool_calls'
    }
  ],
  usage: { prompt_tokens: 10, completion_tokens: 9, total_tokens: 19, cached_tokens: 4 }
}

describe('a whole answer', () => {
  test('of Anthropic, to a chat client', () => {
    const { json, usage, stopReason } = translate('messages', 'chat', MESSAGE)
    expect(json).toEqual({
      id: 'chatcmpl-x1',
      object: 'chat.completion',
      created: 1_763_733_600,
      model: 'claude-opus-4-7',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'Looking.',
            refusal: null,
            reasoning_content: 'hm',
            thinking_blocks: [{ type: 'thinking', thinking: 'hm', signature: 'sig' }],
            tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }]
          },
          logprobs: null,
          finish_reason: 'tool_calls'
        }
      ],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 9,
        total_tokens: 19,
        prompt_tokens_details: { cached_tokens: 3, cache_write_tokens: 2 }
      }
    })
    expect({ usage, stopReason }).toMatchObject({
      stopReason: 'tool_use',
      usage: { inputTokens: 5, cacheReadTokens: 3, cacheWrite5mTokens: 2, outputTokens: 9 }
    })
    expect(usageOfChat(json)).toEqual(usage)
  })

  test('of a chat provider, to a client of Anthropic’s format; arguments that are no JSON are kept', () => {
    expect(translate('chat', 'messages', COMPLETION)).toMatchObject({
      usageSeen: true,
      model: 'kimi-k2.5',
      messageId: 'chatcmpl-1',
      json: {
        id: 'msg_x1',
        type: 'message',
        role: 'assistant',
        model: 'kimi-k2.5',
        content: [
          { type: 'thinking', thinking: 'hm', signature: '' },
          { type: 'text', text: 'Looking.' },
          { type: 'tool_use', id: 'call_1', name: 'f', input: { a: 1 } },
          { type: 'tool_use', id: 'call_req_x1_1', name: 'g', input: { invalid_arguments: '{"a":' } }
        ],
        stop_reason: 'tool_use',
        usage: { input_tokens: 6, cache_read_input_tokens: 4, cache_creation_input_tokens: 0, output_tokens: 9 }
      }
    })
  })

  test('of both, to a Responses client, whose usage reads back the same', () => {
    for (const [from, answer] of [
      ['messages', MESSAGE],
      ['chat', COMPLETION]
    ] as const) {
      const { json, usage } = translate(from, 'responses', answer)
      expect(json).toMatchObject({ object: 'response', status: 'completed', error: null })
      expect((json.output as JsonObject[]).map(({ type }) => type)).toContain('function_call')
      expect(usageOfResponses(json)).toEqual(usage)
    }
  })

  test.each(['chat-text', 'chat-deepseek', 'chat-parallel-tools', 'chat-refusal', 'chat-vllm'])(
    '%s: streamed and whole, it is the same message',
    async (name) => {
      const { forward, final } = replay(translator('chat', 'messages'), golden(name).bytes, [])
      const message = await messageOfStream(forward + final)
      // What was streamed to Anthropic's client goes to a chat client and back.
      const { json } = translate('messages', 'chat', message)
      const { content, usage, stop_reason } = translate('chat', 'messages', json).json
      expect({ content, usage }).toEqual({ content: message.content, usage: message.usage })
      // A chat answer does not say which stop sequence ended it.
      expect(stop_reason).toBe(message.stop_reason === 'stop_sequence' ? 'end_turn' : message.stop_reason)
    }
  )

  test('that nobody counted is told with its estimate', () => {
    const { usage: _, ...uncounted } = COMPLETION
    const told = translateAnswer(
      { from: 'chat', to: 'messages', request: request(), id: 'x', nowMs: 0, inputTokensEstimated: 40 },
      uncounted
    )
    expect(told).toMatchObject({ usageSeen: false, usage: { inputTokens: 40 } })
    expect(told.usage.outputTokens).toBeGreaterThan(5)
    expect(told.json.usage).toMatchObject({ input_tokens: 40, output_tokens: told.usage.outputTokens })
  })

  test('that does not say why it stopped has ended, and one that was broken off is a failure', () => {
    const [choice] = COMPLETION.choices
    const silent = { ...COMPLETION, choices: [{ ...choice, finish_reason: null }] }
    expect(translate('chat', 'messages', silent).json).toMatchObject({
      stop_reason: 'tool_use',
      content: [{}, {}, {}, {}]
    })
    const broken = { ...COMPLETION, choices: [{ ...choice, finish_reason: 'insufficient_system_resource' }] }
    expect(() => translate('chat', 'messages', broken)).toThrow(expect.objectContaining({ code: 'overloaded' }))
  })

  test.each([
    [undefined],
    [{}],
    [{ error: { message: 'No balance on account 7' } }],
    [{ choices: [] }],
    [{ type: 'message_start' }]
  ])('no answer at all is the provider’s failure, in our words: %j', (json) => {
    for (const from of ['messages', 'chat'] as const) {
      expect(() => translate(from, 'messages', json)).toThrow(
        expect.objectContaining({ code: 'upstream_error', message: expect.not.stringContaining('account') })
      )
    }
  })
})

describe('usage', () => {
  test('said any number of times is said once', () => {
    const usage = (n: number) => ({
      prompt_tokens: 100,
      completion_tokens: n,
      prompt_tokens_details: { cached_tokens: 40 }
    })
    const chunk = (over: object) => `data: ${JSON.stringify({ id: 'c', choices: [], ...over })}\n\n`
    const say = (delta: object, finish_reason: string | null = null) =>
      chunk({ choices: [{ index: 0, delta, finish_reason }] })
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 }), (counts) => {
        const said = [...counts].sort((a, b) => a - b)
        const text = `${said.map((n) => say({ content: 'a' }) + chunk({ usage: usage(n) })).join('')}${say({}, 'stop')}${chunk({ usage: usage(30) })}data: [DONE]\n\n`
        for (const to of ['messages', 'responses'] as const) {
          expect(replay(translator('chat', to), Buffer.from(text), []).readings.usage).toMatchObject({
            inputTokens: 60,
            cacheReadTokens: 40,
            outputTokens: 30
          })
        }
      })
    )
  })

  test('any sum survives the way to a client and back', () => {
    const count = fc.integer({ min: 0, max: 1e6 })
    fc.assert(
      fc.property(count, count, count, count, (input, read, write, output) => {
        const usage = {
          input_tokens: input,
          cache_read_input_tokens: read,
          cache_creation_input_tokens: write,
          output_tokens: output
        }
        const there = translate('messages', 'chat', { ...MESSAGE, usage })
        expect(usageOfChat(there.json)).toEqual(there.usage)
        expect(translate('chat', 'messages', there.json).json.usage).toMatchObject(usage)
      })
    )
  })

  test('parts that exceed their whole are billed by the whole', () => {
    expect(
      usageOfChat({ usage: { prompt_tokens: 10, prompt_cache_hit_tokens: 50, completion_tokens: 1 } })
    ).toMatchObject({
      inputTokens: 0,
      cacheReadTokens: 10
    })
    expect(usageOfChat({ usage: { prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6 } })).toMatchObject({
      inputTokens: 6,
      cacheReadTokens: 4
    })
    expect(usageOfChat({ choices: [{ usage: { prompt_tokens: 3 } }] })).toMatchObject({ inputTokens: 3 })
    expect(usageOfChat({})).toBeUndefined()
  })

  test('an answer broken off before its count is billed by what was delivered', () => {
    const tap = createStreamTranslator({ from: 'chat', to: 'messages', request: request(), nowMs: 0, id: 'x' })
    tap.push(
      Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"Hello there"},"finish_reason":"stop"}]}\n\n')
    )
    expect(tap).toMatchObject({ stopReason: null, usageSeen: false, sawFinal: false })
    expect(tap.deliveredTextTokens).toBeGreaterThan(0)
  })
})
