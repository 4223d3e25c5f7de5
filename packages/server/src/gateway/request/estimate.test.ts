import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTextCounter, estimateInput, estimateTextTokens, estimateTextTokensMost } from './estimate.js'

const window = { contextWindow: 1_000_000, tokenizer: 'claude' } as const
const user = (content: unknown) => ({ messages: [{ role: 'user', content }] })
const tokensOf = (body: Record<string, unknown>) => estimateInput(body, window).inputTokens

// Token counts of Anthropic's and similar tokenizers are known for the class of text, not to the token.
const ENGLISH = 'The quick brown fox jumps over the lazy dog and runs away. '.repeat(20)
const CHINESE = '敏捷的棕色狐狸跳过了懒惰的狗然后跑开了'.repeat(20)
const CODE = 'if (a[i] !== b[j]) { return x?.y ?? z(1, 2) }\n'.repeat(20)

describe('estimateInput', () => {
  test('does not fall short of one token for three English, 0.7 Chinese or 1.7 code characters', () => {
    expect(tokensOf(user(ENGLISH))).toBeGreaterThan(ENGLISH.length / 3)
    expect(tokensOf(user(CHINESE))).toBeGreaterThan(CHINESE.length / 0.7)
    expect(tokensOf(user(CODE))).toBeGreaterThan(CODE.length / 1.7)
  })

  test('counts system, every message, tools and what tools returned', () => {
    const plain = tokensOf(user('hi'))
    const long = 'word '.repeat(1000)
    for (const body of [
      { ...user('hi'), system: long },
      { ...user('hi'), system: [{ type: 'text', text: long }] },
      user([{ type: 'text', text: long }]),
      user([{ type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: long }] }]),
      user([{ type: 'tool_use', input: { deep: [{ a: long }] } }]),
      user([{ type: 'thinking', thinking: long, signature: '' }]),
      user([{ type: 'invented_tomorrow', field: long }]),
      user([{ type: 'document', source: { type: 'text', data: long } }]),
      { ...user('hi'), tools: [{ name: 't', description: long }] },
      { ...user('hi'), output_config: { format: { schema: { description: long } } } }
    ]) {
      expect(tokensOf(body)).toBeGreaterThan(plain + 1500)
    }
  })

  test('leaves room for the system prompt that the provider puts around tools', () => {
    expect(tokensOf({ ...user('hi'), tools: [{}] }) - tokensOf(user('hi'))).toBeGreaterThanOrEqual(804)
    expect(tokensOf({ ...user('hi'), tools: [] })).toBe(tokensOf(user('hi')))
  })

  test('images are flat, documents by size, and neither by their base64', () => {
    const data = 'A'.repeat(400_000)
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data } }
    expect(tokensOf(user([image])) - tokensOf(user([]))).toBeLessThan(5_100)
    const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data } }
    expect(tokensOf(user([pdf])) - tokensOf(user([]))).toBe(30 * 4_600 + 4)
    const far = { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } }
    expect(tokensOf(user([far]))).toBeGreaterThan(100_000)
  })

  test('images are counted wherever they stand, those that tools returned too', () => {
    const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }
    const returned = { type: 'tool_result', tool_use_id: 't', content: [image, { type: 'text', text: 'a' }, image] }
    expect(estimateInput(user([image, returned]), window).images).toBe(3)
    const hidden = { type: 'document', source: { type: 'content', data: '', content: [image] } }
    expect(estimateInput(user([hidden]), window).images).toBe(1)
    expect(estimateInput(user('an image'), window).images).toBe(0)
  })

  test('is never more than fits', () => {
    expect(estimateInput(user('中'.repeat(10_000)), { ...window, contextWindow: 5_000 }).inputTokens).toBe(5_000)
  })

  test.each([
    ['none', user('hi')],
    ['5m', { ...user('hi'), cache_control: { type: 'ephemeral' } }],
    ['5m', { ...user('hi'), system: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '5m' } }] }],
    ['1h', { ...user('hi'), tools: [{ name: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } }] }],
    [
      '1h',
      user([
        { type: 'text', text: 'a', cache_control: { ttl: '1h' } },
        { type: 'text', text: 'b', cache_control: { type: 'ephemeral' } }
      ])
    ],
    ['5m', user([{ type: 'tool_result', content: [{ type: 'text', text: 'a', cache_control: {} }] }])]
  ])('sees the cache lifetime %s', (ttl, body) => {
    expect(estimateInput(body, window).cacheWriteTtl).toBe(ttl)
  })

  test('takes any JSON without falling over', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const body = { system: value, messages: [value, { content: value }], tools: value } as never
        expect(estimateInput(body, window).inputTokens).toBeGreaterThan(0)
      })
    )
  })
})

interface Counted {
  readonly kind: string
  readonly name: string
  readonly text: string
  /** What real vocabularies count; `npm run bench:estimate` holds them to it. */
  readonly counts: Readonly<Record<string, number>>
}

const SAMPLE = join(import.meta.dirname, '../../../../../bench/estimate/sample.json')
const sample = JSON.parse(readFileSync(SAMPLE, 'utf8')) as readonly Counted[]

describe('beside what real vocabularies count', () => {
  test('the estimate for holds never falls short', () => {
    expect(sample.length).toBeGreaterThan(20)
    for (const { name, text, counts } of sample) {
      const hold = estimateTextTokensMost(text)
      for (const [vocabulary, real] of Object.entries(counts)) {
        expect(hold, `${name}, ${vocabulary}: held ${hold} of ${real}`).toBeGreaterThanOrEqual(real)
      }
    }
  })

  // cl100k is an old vocabulary, and Gemini's has a token for each digit: nobody's bill hangs on them here.
  test.each(['english', 'chinese', 'code', 'json'])('the ordinary one is within a fifth for %s', (kind) => {
    const texts = sample.filter((each) => each.kind === kind)
    for (const vocabulary of ['Claude', 'o200k', 'DeepSeek', 'Qwen']) {
      const tokenizer = vocabulary === 'Claude' ? 'claude' : 'other'
      const real = texts.reduce((sum, { counts }) => sum + (counts[vocabulary] ?? 0), 0)
      const guessed = texts.reduce((sum, { text }) => sum + estimateTextTokens(text, tokenizer), 0)
      expect(Math.abs(guessed / real - 1), `${vocabulary}: ${guessed} of ${real}`).toBeLessThan(0.2)
    }
  })
})

test.each(['claude', 'other'] as const)('%s: the same for text in pieces, and for its JSON bytes', (tokenizer) => {
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { maxLength: 8 })
  fc.assert(
    fc.property(texts, fc.boolean(), (pieces, ascii) => {
      const whole = pieces.join('')
      const inPieces = createTextCounter(tokenizer)
      for (const piece of pieces) inPieces.add(piece)
      expect(inPieces.tokens()).toBe(estimateTextTokens(whole, tokenizer))

      // Escaping every character beyond ASCII, as Python's json does, must not change the count.
      let json = JSON.stringify(whole)
      if (ascii) {
        const escapeUnit = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
        json = json.replace(/[\u0080-\uffff]/g, escapeUnit)
      }
      const bytes = Buffer.from(json)
      const fromBytes = createTextCounter(tokenizer)
      fromBytes.addJsonBytes(bytes, 1, bytes.length - 1)
      expect(fromBytes.tokens()).toBe(estimateTextTokens(whole, tokenizer))
    })
  )
})

test('what is likely is less than what must not fall short, and near the ordinary count of prose', () => {
  const prose = 'It was the best of times, it was the worst of times, it was the age of wisdom. '.repeat(600)
  const { inputTokens, likelyTokens } = estimateInput(user(prose), window)
  expect(likelyTokens).toBeLessThan(inputTokens)
  const ordinary = estimateTextTokens(prose, 'claude')
  expect(Math.abs(likelyTokens - ordinary) / ordinary).toBeLessThan(0.15)
})
