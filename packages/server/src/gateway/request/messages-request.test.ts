import { describe, expect, test } from 'vitest'
import { readMessagesRequest } from './messages-request.js'

const base = { model: 'opus', max_tokens: 64, messages: [{ role: 'user', content: 'hi' }] }
const read = (body: unknown) => readMessagesRequest(Buffer.from(JSON.stringify(body)))

describe('readMessagesRequest', () => {
  test('reads what it needs and leaves everything else alone', () => {
    const request = read({ ...base, stream: true, thinking: { type: 'enabled', budget_tokens: 32 }, safeguards: [1] })
    expect(request).toMatchObject({ model: 'opus', maxTokens: 64, stream: true, thinkingBudget: 32 })
    expect(request.body.safeguards).toEqual([1])
    expect(read(base)).toMatchObject({ stream: false, thinkingBudget: null })
  })

  test.each([
    [{ ...base, model: undefined }, 'model: is missing; GET /v1/models lists the names'],
    [{ ...base, model: '' }, 'model: must be a model\'s name, got ""'],
    [{ ...base, model: 7 }, "model: must be a model's name, got 7"],
    [{ ...base, model: 'x'.repeat(257) }, 'model: must be at most 256 characters, got 257'],
    [{ ...base, max_tokens: undefined }, 'max_tokens: is missing; give the most tokens that the answer may have'],
    [{ ...base, max_tokens: 0 }, 'max_tokens: must be a whole number of at least 1, got 0'],
    [{ ...base, max_tokens: 1.5 }, 'max_tokens: must be a whole number of at least 1, got 1.5'],
    [{ ...base, max_tokens: '64' }, 'max_tokens: must be a whole number of at least 1, got "64"'],
    [{ ...base, max_tokens: 1e300 }, 'max_tokens: must be a whole number of at least 1, got 1e+300'],
    [{ ...base, stream: 'yes' }, 'stream: must be true or false, got "yes"'],
    [{ ...base, thinking: 'on' }, 'thinking: must be an object, got "on"'],
    [
      { ...base, thinking: { budget_tokens: -1 } },
      'thinking.budget_tokens: must be a whole number of at least 1, got -1'
    ],
    [{ ...base, messages: undefined }, 'messages: is missing; send a list of {role, content}'],
    [{ ...base, messages: [] }, 'messages: must be a list of at least one {role, content}, got an empty list'],
    [{ ...base, messages: [null] }, 'messages[0]: must be {role, content}, got null'],
    [{ ...base, messages: [{ content: '' }] }, 'messages[0].role: must be "user" or "assistant", got nothing'],
    [
      { ...base, messages: [{ role: 'user', content: 4 }] },
      'messages[0].content: must be a text or a list of blocks, got 4'
    ]
  ])('names the field and the mend: %j', (body, message) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code: 'invalid_request', message }))
  })

  test('a role that the provider came to take later passes', () => {
    expect(() => read({ ...base, messages: [{ role: 'system', content: 'x' }] })).not.toThrow()
  })

  test('text that is not JSON is refused with the place', () => {
    const refused = (text: string | Buffer) => () => readMessagesRequest(Buffer.from(text))
    expect(refused('{"model": tru}')).toThrow(
      'body: is not valid JSON: unexpected character at byte 10 (line 1, column 11)'
    )
    expect(refused('{"model":\n01}')).toThrow('unexpected character at byte 11 (line 2, column 2)')
    expect(refused('\ufeff{"model":"a"}')).toThrow('body: is not valid JSON: unexpected character at byte 0')
  })

  test('bytes that are not UTF-8 are refused with the place', () => {
    const bytes = Buffer.concat([Buffer.from('{"model":"é'), Buffer.from([0xff]), Buffer.from('"}')])
    expect(() => readMessagesRequest(bytes)).toThrow('body: is not valid UTF-8 at byte 12; send UTF-8')
    const cut = Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xe4, 0xb8]), Buffer.from('"}')])
    expect(() => readMessagesRequest(cut)).toThrow('body: is not valid UTF-8 at byte 12; send UTF-8')
  })
})

describe('a conversation that is held at the provider', () => {
  test.each([
    { thread: { type: 'create' } },
    { thread: { type: 'continue', previous_message_id: 'msg_1' }, messages: [] }
  ])('%j is refused in the way that makes a tool runner send all of it', (over) => {
    expect(() => read({ ...base, ...over })).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        details: expect.objectContaining({
          extra: { details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] } }
        })
      })
    )
    expect(() => read({ ...base, thread: null })).not.toThrow()
  })
})

describe('fields that the rate card does not price', () => {
  test.each([
    [{ service_tier: 'auto' }, 'service_tier: only "standard_only" is priced here, got "auto"'],
    [{ speed: 'fast' }, 'speed: only "standard" is priced here, got "fast"'],
    [{ inference_geo: 'us' }, 'inference_geo: only "global" is priced here, got "us"'],
    [{ fallbacks: [{ model: 'x' }] }, 'fallbacks: not served: '],
    [{ fallback_credit_token: 't' }, 'fallback_credit_token: not served: '],
    [{ billing_policy: {} }, 'billing_policy: not served: '],
    [{ mcp_servers: [{}] }, 'mcp_servers: not served: '],
    [{ container: 'c' }, 'container: not served: '],
    [{ compaction: {} }, 'compaction: not served: '],
    [
      { context_management: { edits: [{ type: 'clear_thinking_20251015' }, { type: 'compact_20260112' }] } },
      'context_management.edits[1].type: "compact_20260112" is not served'
    ]
  ])('%j is refused', (fields, start) => {
    expect(() => read({ ...base, ...fields })).toThrow(
      expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining(start) })
    )
  })

  test('what costs the standard price passes', () => {
    const standard = { service_tier: 'standard_only', speed: 'standard', inference_geo: 'global', mcp_servers: [] }
    const management = { context_management: { edits: [{ type: 'clear_thinking_20251015' }] }, container: null }
    expect(() => read({ ...base, ...standard, ...management })).not.toThrow()
  })

  test('a second spelling cannot smuggle one past the check', () => {
    const text = `${JSON.stringify(base).slice(0, -1)},"speed":"standard","sp\\u0065ed":"fast"}`
    expect(() => readMessagesRequest(Buffer.from(text))).toThrow('speed: its name is written with escapes')
  })
})
