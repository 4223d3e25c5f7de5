import {
  chargeOf,
  createBookVerifier,
  creditsToJson,
  parseReceiptJson,
  type RateCardEntry,
  ratesOfVersion
} from '@caicaini/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { COSTS, createThroughServer } from '../src/testing/passthrough.js'
import type { Play } from '../src/testing/upstream.js'

let t: Awaited<ReturnType<typeof createThroughServer>>

beforeEach(async () => {
  t = await createThroughServer()
})
afterEach(async () => {
  expect((await t.balance()).held).toBe(0)
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

const json =
  (body: object): Play =>
  (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))

const vectors = (usage?: object) =>
  json({
    object: 'list',
    model: 'up-embed-x',
    data: [{ object: 'embedding', index: 0, embedding: [0.5, -0.25] }],
    usage
  })

/** The receipt that a plain answer carries, with its charge repeated from the published rates, as anybody can. */
async function receiptIn(response: Response) {
  const receipt = parseReceiptJson(response.headers.get('caicaini-receipt') ?? '')
  if (!receipt) throw new Error('no receipt')
  return repeated(receipt.request_id)
}

async function repeated(requestId: string | null) {
  const receipt = await t.receipt(requestId)
  const { rates } = await t.get<{ rates: { version: string; rate: RateCardEntry }[] }>('/api/rates')
  const card = rates.find(({ version }) => version === receipt.rate_version)
  const priced = card && ratesOfVersion(card.rate, receipt.rate_version)
  for (const { kind, rate } of receipt.parts) expect(priced?.[kind]).toBe(rate)
  expect(receipt.credits + receipt.uncollected).toBe(creditsToJson(chargeOf(receipt.parts, receipt.discount)))
  return receipt
}

describe('embeddings', () => {
  test('go through as they are, but for the model, and are billed by the provider’s count', async () => {
    t.provider.play(vectors({ prompt_tokens: 1_000, total_tokens: 1_000 }))
    const asked = { model: 'embed-x', input: ['one', 'two'], dimensions: 2, encoding_format: 'float' as const }
    const { data, response } = await t.openai.embeddings.create(asked).withResponse()
    expect(data.data[0]?.embedding).toEqual([0.5, -0.25])
    const [sent] = t.provider.requests
    expect(sent).toMatchObject({ path: '/v1/embeddings', headers: { authorization: 'Bearer sk-operator' } })
    expect(sent?.raw).toBe(JSON.stringify({ ...asked, model: 'up-embed-x' }))
    expect(await receiptIn(response)).toMatchObject({
      status: 'complete',
      model: 'embed-x',
      model_used: 'embed-x',
      provider: 'openai',
      input_tokens: 1_000,
      estimated: false,
      // 1,000 tokens at 20 credits a million.
      credits: 0.02
    })
    expect(response.headers.get('x-request-id') ?? response.headers.get('request-id')).toMatch(/^req_/)
    expect(response.headers.get('x-ratelimit-limit-requests')).not.toBeNull()
  })

  test('are estimated where the provider does not count, and the receipt says so; lists of tokens are counted', async () => {
    t.provider.play(vectors())
    const { response } = await t.openai.embeddings
      .create({
        model: 'embed-x',
        input: [
          [1, 2, 3],
          [4, 5]
        ] as never
      })
      .withResponse()
    expect(await receiptIn(response)).toMatchObject({ input_tokens: 5, estimated: true })
  })

  test.each([
    [{ input: '' }, 'input'],
    [{ input: [] }, 'input'],
    [{ input: ['a', 1] }, 'input[1]'],
    [{ input: Array.from({ length: 2_049 }, () => 'a') }, 'input'],
    [{}, 'input']
  ])('are refused by the field: %j', async (body, param) => {
    const refused = t.openai.embeddings.create({ model: 'embed-x', ...body } as never)
    await expect(refused).rejects.toMatchObject({ status: 400, param })
    expect(t.provider.requests).toHaveLength(0)
  })
})

describe('images', () => {
  const made = (count: number, usage?: object) =>
    json({ created: 1, data: Array.from({ length: count }, () => ({ b64_json: 'AAAA' })), usage })

  test('are billed each; what the price is for is asked for outright', async () => {
    t.provider.play(made(2))
    const asked = { model: 'image-x', prompt: 'a cat', n: 2, size: '512x512' as const }
    const { data, response } = await t.openai.images.generate(asked).withResponse()
    expect(data.data).toHaveLength(2)
    expect(t.provider.requests[0]?.path).toBe('/v1/images/generations')
    expect(t.provider.requests[0]?.body).toEqual({ ...asked, model: 'up-image-x', quality: 'standard' })
    const receipt = await receiptIn(response)
    expect(receipt).toMatchObject({ credits: 80, estimated: false })
    expect(receipt.parts).toContainEqual({ kind: 'image', quantity: 2, rate: COSTS.image * 1_000_000 })
  })

  test('that were not made are not billed', async () => {
    t.provider.play(made(1))
    const { response } = await t.openai.images.generate({ model: 'image-x', prompt: 'a cat', n: 2 }).withResponse()
    expect((await receiptIn(response)).credits).toBe(40)
  })

  test('are billed by tokens where the card prices those', async () => {
    t.provider.play(made(1, { input_tokens: 100, output_tokens: 300, total_tokens: 400 }))
    const { response } = await t.openai.images.generate({ model: 'image-tokens', prompt: 'a cat' }).withResponse()
    expect(await receiptIn(response)).toMatchObject({ input_tokens: 100, output_tokens: 300, credits: 12.5 })
  })

  test('that would cost more than is held for are not asked for', async () => {
    await expect(t.openai.images.generate({ model: 'image-x', prompt: 'a cat', n: 3 })).rejects.toMatchObject({
      status: 402,
      code: 'insufficient_quota'
    })
    expect(t.provider.requests).toHaveLength(0)
  })

  test.each([
    [{ size: '1792x1024' }, 'size'],
    [{ quality: 'hd' }, 'quality'],
    [{ n: 0 }, 'n'],
    [{ n: 11 }, 'n'],
    [{ stream: true }, 'stream'],
    [{ partial_images: 2 }, 'partial_images']
  ])('are refused by the field: %j', async (body, param) => {
    const refused = t.openai.images.generate({ model: 'image-x', prompt: 'a cat', ...body } as never)
    await expect(refused).rejects.toMatchObject({ status: 400, param })
  })
})

describe('speech', () => {
  const asked = { model: 'voice-x', input: 'Grüße 👋', voice: 'alloy' }

  test('comes byte for byte, as it is made, and is billed by the character', async () => {
    const sound = Buffer.from(Array.from({ length: 600 }, (_, i) => i % 256))
    t.provider.play(async (response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' })
      for (let at = 0; at < sound.length; at += 200) {
        response.write(sound.subarray(at, at + 200))
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      response.end()
    })
    const response = await t.openai.audio.speech.create(asked)
    expect(response.headers.get('content-type')).toBe('audio/mpeg')
    expect(Buffer.from(await response.arrayBuffer())).toEqual(sound)
    expect(t.provider.requests[0]).toMatchObject({ path: '/v1/audio/speech', body: { ...asked, model: 'up-voice-x' } })
    const receipt = await repeated(response.headers.get('request-id'))
    expect(receipt).toMatchObject({ status: 'complete', estimated: false, credits: 0.105 })
    expect(receipt.parts).toContainEqual({ kind: 'character', quantity: 7, rate: COSTS.character * 1_000_000 })
  })

  test('is never passed on as what a browser would run', async () => {
    t.provider.play((response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<script>'))
    const response = await t.openai.audio.speech.create(asked)
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    await response.arrayBuffer()
  })

  test.each([
    [{ input: 'a'.repeat(4_097) }, 'input'],
    [{ instructions: 'a'.repeat(4_097) }, 'instructions'],
    [{ stream_format: 'sse' }, 'stream_format']
  ])('is refused by the field', async (body, param) => {
    await expect(t.openai.audio.speech.create({ ...asked, ...body } as never)).rejects.toMatchObject({
      status: 400,
      param
    })
  })
})

describe('transcriptions', () => {
  const file = () => new File([Buffer.from([0, 255, 13, 10, 45, 45, 0])], 'größe.wav', { type: 'audio/wav' })

  test('keep every part but the model, byte for byte, and are billed by the second', async () => {
    t.provider.play(json({ text: 'hello', usage: { type: 'duration', seconds: 61.2 } }))
    const { data, response } = await t.openai.audio.transcriptions
      .create({ file: file(), model: 'listen-x', language: 'de', timestamp_granularities: ['word'] })
      .withResponse()
    expect(data.text).toBe('hello')
    const [sent] = t.provider.requests
    expect(sent?.path).toBe('/v1/audio/transcriptions')
    const form = await new Response(Buffer.from(sent?.bytes ?? []), {
      headers: { 'content-type': sent?.headers['content-type'] ?? '' }
    }).formData()
    expect([form.get('model'), form.get('language'), form.getAll('timestamp_granularities[]')]).toEqual([
      'up-listen-x',
      'de',
      ['word']
    ])
    const sentFile = form.get('file') as File
    expect(Buffer.from(await sentFile.arrayBuffer())).toEqual(Buffer.from(await file().arrayBuffer()))
    const receipt = await receiptIn(response)
    expect(receipt).toMatchObject({ status: 'complete', estimated: false, credits: 6.2 })
    expect(receipt.parts).toContainEqual({ kind: 'audio_second', quantity: 62, rate: COSTS.second * 1_000_000 })
  })

  test('are billed by tokens where the card prices those', async () => {
    t.provider.play(json({ text: 'hello', usage: { type: 'tokens', input_tokens: 20, output_tokens: 5 } }))
    const { response } = await t.openai.audio.transcriptions
      .create({ file: file(), model: 'listen-tokens' })
      .withResponse()
    expect(await receiptIn(response)).toMatchObject({ input_tokens: 20, output_tokens: 5, credits: 0.17 })
  })

  test('are estimated by their text where the provider says nothing of their length', async () => {
    t.provider.play(json({ text: 'hello' }))
    const { response } = await t.openai.audio.transcriptions.create({ file: file(), model: 'listen-x' }).withResponse()
    expect(await receiptIn(response)).toMatchObject({ estimated: true, credits: 0.1 })
  })

  test.each([
    [{ response_format: 'srt' }, 'response_format'],
    [{ stream: true }, 'stream']
  ])('are refused by the field: %j', async (more, param) => {
    const refused = t.openai.audio.transcriptions.create({ file: file(), model: 'listen-x', ...more } as never)
    await expect(refused).rejects.toMatchObject({ status: 400, param })
    expect(t.provider.requests).toHaveLength(0)
  })
})

test('an exported book of every kind proves its charges with nothing but itself', async () => {
  t.provider.play((response, { path }) => {
    const answers: Record<string, object> = {
      '/v1/embeddings': { data: [], usage: { prompt_tokens: 7 } },
      '/v1/images/generations': { data: [{ url: 'http://x' }] },
      '/v1/audio/transcriptions': { text: 'hello', usage: { type: 'duration', seconds: 2 } }
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answers[path] ?? 'sound'))
  })
  await t.openai.embeddings.create({ model: 'embed-x', input: 'hello' })
  await t.openai.images.generate({ model: 'image-x', prompt: 'a cat' })
  await t.openai.audio.transcriptions.create({ model: 'listen-x', file: new File(['sound'], 'a.wav') })
  const spoken = await t.openai.audio.speech.create({ model: 'voice-x', input: 'hello', voice: 'alloy' })
  await spoken.arrayBuffer()
  await t.receipt(spoken.headers.get('request-id'))
  const asked = { name: 'terminal', scope: 'cli' }
  const { key } = await t.local<{ key: string }>('POST', '/api/keys?username=ada', asked)
  const book = await (await fetch(`${t.url}/api/ledger/export`, { headers: { 'x-api-key': key } })).text()
  const verifier = createBookVerifier()
  for (const line of book.trim().split('\n')) verifier.read(JSON.parse(line))
  const report = verifier.end()
  expect(report.differences).toEqual([])
  expect(report.receipts).toBe(4)
  // 7 tokens, an image, 2 s, 5 characters.
  expect(report.charged).toBe(140n + 40_000_000n + 200_000n + 75_000n)
})
