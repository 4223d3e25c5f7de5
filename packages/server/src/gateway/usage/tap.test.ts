import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NO_USAGE } from '../../catalog/price.js'
import { estimateTextTokens } from '../request/estimate.js'
import { readPlainUsage, setUsage } from './anthropic-usage.js'
import { createUsageTap, type StreamError } from './tap.js'

const event = (name: string, data: unknown, end = '\n') =>
  `event: ${name}${end}data: ${JSON.stringify(data)}${end}${end}`

const START = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    model: 'claude-opus-4-7',
    usage: {
      input_tokens: 25,
      output_tokens: 1,
      cache_read_input_tokens: 7,
      cache_creation_input_tokens: 30,
      cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 }
    }
  }
}
const delta = (text: string) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })
const END = {
  type: 'message_delta',
  delta: { stop_reason: 'end_turn' },
  usage: { input_tokens: 25, cache_creation_input_tokens: 30, cache_read_input_tokens: 7, output_tokens: 15 }
}

function streamOf(texts: readonly string[], end = '\n'): string {
  return [
    event('message_start', START, end),
    event('content_block_start', { type: 'content_block_start', index: 0 }, end),
    event('ping', { type: 'ping' }, end),
    `: keep-alive${end}${end}`,
    ...texts.map((text) => event('content_block_delta', delta(text), end)),
    event('content_block_stop', { type: 'content_block_stop', index: 0 }, end),
    event('message_delta', END, end),
    event('message_stop', { type: 'message_stop' }, end)
  ].join('')
}

/** Feeds `bytes` in the given pieces and collects what came out. */
function run(bytes: Buffer, sizes: readonly number[], options = {}) {
  const tap = createUsageTap(options)
  const forwards: Uint8Array[] = []
  const finals: Uint8Array[] = []
  let error: StreamError | null = null
  let at = 0
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? bytes.length
    const output = tap.push(bytes.subarray(at, at + size))
    at += size
    // Once the final event is out, what follows is forwarded: it belongs behind it.
    if (output.forward) (finals.length > 0 ? finals : forwards).push(output.forward)
    if (output.final) finals.push(output.final)
    error = output.error ?? error
  }
  return { tap, error, forward: Buffer.concat(forwards).toString(), final: Buffer.concat(finals).toString() }
}

const whole = (text: string) => run(Buffer.from(text), [text.length * 4])

describe('the tap on a stream', () => {
  test('reads usage, ids and the stop reason, and holds the final event back', () => {
    const text = streamOf(['Hello', ' world'])
    const { tap, forward, final, error } = whole(text)
    expect(tap.usage).toEqual({
      inputTokens: 25,
      outputTokens: 15,
      cacheReadTokens: 7,
      cacheWrite5mTokens: 10,
      cacheWrite1hTokens: 20,
      toolCalls: {}
    })
    expect(tap).toMatchObject({
      stopReason: 'end_turn',
      model: 'claude-opus-4-7',
      messageId: 'msg_1',
      sawFinal: true,
      firstContentSeen: true,
      usageSeen: true
    })
    expect(final).toBe(event('message_stop', { type: 'message_stop' }))
    expect(forward + final).toBe(text)
    expect(error).toBeNull()
  })

  test('is the same however the bytes are cut and whatever the line ends', () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { maxLength: 6 })
    const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(
        texts,
        sizes,
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.constantFrom('', '\n', ': bye\n\n'),
        (...all) => {
          const [pieces, cuts, end, after] = all
          const text = streamOf(pieces, end) + after
          const { tap, forward, final } = run(Buffer.from(text), cuts)
          expect(forward + final).toBe(text)
          expect(final).toContain('event: message_stop')
          expect(forward).not.toContain('message_stop')
          expect(tap.usage).toEqual(whole(streamOf(pieces)).tap.usage)
          expect(tap.deliveredTextTokens).toBe(estimateTextTokens(pieces.join(''), 'claude'))
        }
      ),
      { numRuns: 300 }
    )
  })

  test.each([
    ['LF', '\n', /\n\n$/],
    // A blank line is over at its CR: the LF that follows may still be on its way.
    ['CRLF', '\r\n', /\r\n\r\n?$/],
    ['CR', '\r', /\r\r$/]
  ])('every prefix of a stream gives out only whole events: %s', (_, end, blankLine) => {
    const text = streamOf(['né中\n"q"', '😀'], end)
    const bytes = Buffer.from(text)
    for (let length = 0; length <= bytes.length; length++) {
      const { forward, final } = run(bytes.subarray(0, length), [17])
      expect(text.startsWith(forward + final)).toBe(true)
      if (forward !== '') expect(forward).toMatch(blankLine)
    }
  })

  test('gives the chunk itself out where it holds whole events: no copy', () => {
    const tap = createUsageTap()
    const chunk = Buffer.from(event('message_start', START) + event('content_block_delta', delta('a')))
    expect(tap.push(chunk).forward?.buffer).toBe(chunk.buffer)
  })

  test('counts text, thinking and partial tool input, but no signature', () => {
    const deltas = [
      { type: 'text_delta', text: 'one "two" \\ three' },
      { type: 'thinking_delta', thinking: 'hmm' },
      { type: 'input_json_delta', partial_json: '{"text": "thinking"' },
      { type: 'signature_delta', signature: 'A'.repeat(500) }
    ]
    const events = deltas.map((part) =>
      event('content_block_delta', { type: 'content_block_delta', index: 0, delta: part })
    )
    const { tap } = whole(events.join(''))
    expect(tap.deliveredTextTokens).toBe(estimateTextTokens('one "two" \\ threehmm{"text": "thinking"', 'claude'))
  })

  test('counts a delta that is spelt with spaces or another order of fields', () => {
    const data = '{"delta": {"text" : "hello there", "type": "text_delta"}, "type": "content_block_delta"}'
    expect(whole(`event: content_block_delta\ndata: ${data}\n\n`).tap.deliveredTextTokens).toBe(
      estimateTextTokens('hello there', 'claude')
    )
    // A value that is spelt like the field is not the field.
    const typed = '{"type":"content_block_delta","delta":{"type":"text","text":"hello there"}}'
    expect(whole(`event: content_block_delta\ndata: ${typed}\n\n`).tap.deliveredTextTokens).toBe(
      estimateTextTokens('hello there', 'claude')
    )
    expect(whole(`data: ${data}\n\n`).tap).toMatchObject({ firstContentSeen: true })
  })

  test('counts searches as they begin, for an answer whose count never comes', () => {
    const start = (block: object) =>
      event('content_block_start', { type: 'content_block_start', index: 0, content_block: block })
    const search = start({ type: 'server_tool_use', id: 's', name: 'web_search', input: {} })
    const others = start({ type: 'tool_use', name: 'web_search' }) + start({ type: 'server_tool_use' })
    const { tap } = whole(event('message_start', START) + search + others + search)
    expect(tap.toolCallsSeen).toEqual({ web_search: 2 })
    expect(tap.usage.toolCalls).toEqual({})
  })

  test('stops at an error event, and gives nothing of it out', () => {
    const before = event('message_start', START)
    const error = event('error', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })
    const result = run(Buffer.from(before + error + event('message_stop', {})), [11])
    expect(result.error).toEqual({ type: 'overloaded_error', message: 'Overloaded' })
    expect(result.forward + result.final).toBe(before)
    expect(result.tap.sawFinal).toBe(false)
  })

  test('an error event that is no JSON is an error still', () => {
    expect(whole('event: error\ndata: oops\n\n').error).toEqual({
      type: 'api_error',
      message: 'The provider reported an error'
    })
  })

  test('an event that never ends is refused at the limit', () => {
    const bytes = Buffer.from(`event: x\ndata: ${'a'.repeat(3000)}`)
    expect(() => run(bytes, [100], { eventBytesMax: 2000 })).toThrow(
      expect.objectContaining({ code: 'upstream_error' })
    )
  })

  test('input that is counted only at the end is set, and zero at the start is no count', () => {
    const zero = event('message_start', { message: { usage: { input_tokens: 0, output_tokens: 0 } } })
    expect(whole(zero).tap.usageSeen).toBe(false)
    expect(whole(zero + event('message_delta', END)).tap).toMatchObject({ usageSeen: true, usage: { inputTokens: 25 } })
  })
})

describe('setUsage', () => {
  const none = NO_USAGE

  test('said twice is said once', () => {
    const once = setUsage(none, START.message.usage)
    expect(setUsage(once, START.message.usage)).toEqual(once)
  })

  test('a total of cache writes without its split counts as five minutes, unless the split is known', () => {
    expect(setUsage(none, { cache_creation_input_tokens: 9 })).toMatchObject({ cacheWrite5mTokens: 9 })
    const hour = setUsage(none, { cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 9 } })
    expect(setUsage(hour, { cache_creation_input_tokens: 9 })).toEqual(hour)
    expect(setUsage(none, { cache_creation_input_tokens: 9, cache_creation: {} })).toMatchObject({
      cacheWrite5mTokens: 9
    })
  })

  test('calls of tools at the provider are set, never added, and stand where nothing more is said of them', () => {
    const two = setUsage(none, { server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 } })
    expect(two.toolCalls).toEqual({ web_search: 2, web_fetch: 0 })
    expect(setUsage(two, { output_tokens: 5 }).toolCalls).toEqual(two.toolCalls)
    expect(setUsage(two, { server_tool_use: { web_search_requests: 3 } }).toolCalls).toMatchObject({ web_search: 3 })
    for (const bad of [null, 'x', { web_search_requests: -1 }, { web_search_requests: '9' }, { other: 4 }])
      expect(setUsage(two, { server_tool_use: bad }).toolCalls).toEqual(two.toolCalls)
  })

  test('what is no count is passed over', () => {
    for (const bad of [null, -1, 1.5, '7', Number.NaN]) {
      expect(setUsage({ ...none, inputTokens: 3 }, { input_tokens: bad })).toMatchObject({ inputTokens: 3 })
    }
    expect(setUsage(none, null)).toBe(none)
  })
})

test('a plain answer is read whole, and anything else is none', () => {
  const answer = { type: 'message', id: 'msg_1', model: 'm', stop_reason: 'end_turn', usage: START.message.usage }
  expect(readPlainUsage(answer)).toMatchObject({ stopReason: 'end_turn', model: 'm', usage: { inputTokens: 25 } })
  for (const none of [null, [], 'x', {}, { type: 'error' }, { type: 'message' }])
    expect(readPlainUsage(none)).toBeUndefined()
})
