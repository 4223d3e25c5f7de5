import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFakeClock } from '../../testing/fake-clock.js'
import { estimateInput } from '../request/estimate.js'
import { createUsageTap } from '../usage/tap.js'
import { createSandboxProvider } from './sandbox.js'
import { planSandboxAnswer } from './sandbox-answer.js'
import { MARKDOWN_SAMPLE } from './sandbox-sample.js'

const ask = (content: unknown, maxTokens = 1000) => ({ max_tokens: maxTokens, messages: [{ role: 'user', content }] })
const limits = {
  signal: new AbortController().signal,
  firstByteTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
  bodyBytesMax: 1e6
}

function send(body: object, { stream = true, clock = createFakeClock() } = {}) {
  const request = {
    endpoint: 'messages' as const,
    body: Buffer.from(JSON.stringify(body)),
    upstreamModel: 'claude-opus-4-7',
    stream,
    headers: {}
  }
  return createSandboxProvider({ clock }).send(request, limits)
}

async function textOf(events: ReturnType<typeof send>): Promise<string> {
  let text = ''
  for await (const event of events) if (event.type === 'bytes') text += Buffer.from(event.bytes).toString()
  return text
}

describe('the sandbox', () => {
  test('says that it is the sandbox and what it was asked', async () => {
    const message = JSON.parse(await textOf(send(ask('say hello'), { stream: false })))
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-4-7',
      stop_reason: 'end_turn'
    })
    expect(message.content).toEqual([
      { type: 'text', text: 'This is the Caicaini sandbox: no model was asked. Your message has 2 words: “say hello”' }
    ])
  })

  test('says so in the sample of everything that can be shown', () => {
    const { pieces } = planSandboxAnswer(ask('[sandbox markdown]', 2_000))
    expect(pieces.join('')).toBe(MARKDOWN_SAMPLE)
    expect(MARKDOWN_SAMPLE).toContain('sandbox')
  })

  test('says so even where it is told how many words to say', () => {
    const { pieces } = planSandboxAnswer(ask('[sandbox words 200]'))
    expect(pieces).toHaveLength(200)
    expect(pieces.join('')).toContain('sandbox')
  })

  test('streams the events of Anthropic’s format in their order, and the same text', async () => {
    const text = await textOf(send(ask('say hello')))
    const names = [...text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name)
    expect(names.slice(0, 3)).toEqual(['message_start', 'content_block_start', 'ping'])
    expect(names.slice(-3)).toEqual(['content_block_stop', 'message_delta', 'message_stop'])
    expect(new Set(names.slice(3, -3))).toEqual(new Set(['content_block_delta']))
    const deltas = [...text.matchAll(/"text_delta","text":"(.*)"}}$/gm)].map(([, piece]) => JSON.parse(`"${piece}"`))
    expect(deltas.join('')).toBe(planSandboxAnswer(ask('say hello')).pieces.join(''))
    const tap = createUsageTap()
    tap.push(Buffer.from(text))
    expect(tap.usage.outputTokens).toBe(tap.deliveredTextTokens)
  })

  test('never exceeds max_tokens', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat({ max: 400 }), (maxTokens, words) => {
        const { outputTokens, stopReason, pieces } = planSandboxAnswer(ask(`[sandbox words ${words}]`, maxTokens))
        expect(outputTokens).toBeLessThanOrEqual(maxTokens)
        expect(stopReason).toBe(pieces.length === words ? 'end_turn' : 'max_tokens')
      })
    )
    expect(planSandboxAnswer(ask('hi', 5))).toMatchObject({ stopReason: 'max_tokens' })
  })

  test('never counts more input than the hold was for', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 200 })
    const blocks = fc.array(
      fc.oneof(
        texts.map((text) => ({ type: 'text', text })),
        fc.constant({ type: 'image', source: { type: 'base64', data: 'AAAA' } }),
        fc.constant({ type: 'document', source: { type: 'base64', data: 'AAAA' } }),
        fc.jsonValue({ maxDepth: 2 }).map((input) => ({ type: 'tool_use', id: 'toolu_1', name: 'n', input })),
        texts.map((text) => ({ type: 'tool_result', content: [{ type: 'text', text }] }))
      ),
      { maxLength: 4 }
    )
    const tools = fc.array(
      fc.jsonValue({ maxDepth: 3 }).map((schema) => ({ name: 't', input_schema: schema })),
      { maxLength: 3 }
    )
    fc.assert(
      fc.property(texts, blocks, tools, (system, content, toolList) => {
        const body = { ...ask(content), system, tools: toolList }
        const { inputTokens } = estimateInput(body, { contextWindow: 1_000_000, tokenizer: 'claude' })
        expect(planSandboxAnswer(body).inputTokens).toBeLessThanOrEqual(inputTokens)
      })
    )
  })

  test('takes its time where it is told to, by the clock', async () => {
    const clock = createFakeClock()
    const iterator = send(ask('[sandbox slow 1000] hi'), { clock })[Symbol.asyncIterator]()
    for (let i = 0; i < 4; i++) await iterator.next()
    let piece = false
    const next = iterator.next().then(() => {
      piece = true
    })
    clock.advance({ ms: 999 })
    await new Promise((resolve) => setImmediate(resolve))
    expect(piece).toBe(false)
    clock.advance({ ms: 1 })
    await next
    await iterator.return?.()
    expect(clock.pending).toBe(0)
  })

  test('reads directives from the newest message only', () => {
    const messages = [
      { role: 'user', content: '[sandbox fail 500]' },
      { role: 'assistant', content: 'x' },
      { role: 'user', content: 'and now?' }
    ]
    expect(planSandboxAnswer({ max_tokens: 100, messages })).toMatchObject({ failStatus: null, ending: 'whole' })
    expect(planSandboxAnswer(ask('[sandbox fail 529]'))).toMatchObject({ failStatus: 529 })
  })
})
