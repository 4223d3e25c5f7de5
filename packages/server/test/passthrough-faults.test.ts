import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createThroughServer } from '../src/testing/passthrough.js'
import { until } from '../src/testing/server.js'
import { fail } from '../src/testing/upstream.js'

let t: Awaited<ReturnType<typeof createThroughServer>>

beforeEach(async () => {
  t = await createThroughServer()
})
afterEach(async () => {
  await until(async () => (await t.balance()).held === 0)
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

// biome-ignore lint/suspicious/noExplicitAny: each route answers otherwise, and errors are looked at by their fields.
type Ask = (openai: OpenAI, model: string, options?: { signal: AbortSignal }) => Promise<any>

const sound = () => new File([Buffer.alloc(1_000)], 'a.wav')

const KINDS: readonly { kind: string; model: string; path: string; ask: Ask }[] = [
  {
    kind: 'embeddings',
    model: 'embed-x',
    path: '/v1/embeddings',
    ask: (openai, model, options) => openai.embeddings.create({ model, input: 'hello' }, options)
  },
  {
    kind: 'images',
    model: 'image-x',
    path: '/v1/images/generations',
    ask: (openai, model, options) => openai.images.generate({ model, prompt: 'a cat' }, options)
  },
  {
    kind: 'speech',
    model: 'voice-x',
    path: '/v1/audio/speech',
    ask: async (openai, model, options) =>
      (await openai.audio.speech.create({ model, input: 'hello', voice: 'alloy' }, options)).arrayBuffer()
  },
  {
    kind: 'transcriptions',
    model: 'listen-x',
    path: '/v1/audio/transcriptions',
    ask: (openai, model, options) => openai.audio.transcriptions.create({ model, file: sound() }, options)
  }
]

async function receipts() {
  const { receipts: list } = await t.get<{ receipts: { status: string; credits: number }[] }>('/api/receipts')
  return list.map(({ status, credits }) => ({ status, credits }))
}

describe.each(KINDS)('$kind', ({ kind, model, path, ask }) => {
  test.each([
    [400, 400],
    [404, 404],
    [401, 502],
    [429, 529],
    [500, 502]
  ])('a provider’s %i is told as %i, without the operator’s key, and nothing is billed', async (status, told) => {
    t.provider.play((response) => fail(response, status))
    const error = await ask(t.openai, model).catch((e) => e)
    expect(error).toMatchObject({ status: told })
    expect(JSON.stringify(error) + error.message).not.toContain('sk-operator')
    expect(await receipts()).toEqual([{ status: 'failed', credits: 0 }])
    expect((await t.balance()).balance).toBe(100)
  })

  test('a provider that closes, or says nonsense, is not billed', async () => {
    t.provider.play((response) => response.socket?.destroy())
    await expect(ask(t.openai, model)).rejects.toMatchObject({ status: 502 })
    t.provider.play((response) => response.writeHead(200, { 'content-type': 'application/json' }).end())
    await expect(ask(t.openai, model)).rejects.toThrow()
    expect(await receipts()).toEqual([
      { status: 'failed', credits: 0 },
      { status: 'failed', credits: 0 }
    ])
  })

  test('a provider that says nothing is given up', async () => {
    t.provider.play(() => {})
    const arrived = t.provider.nextRequest()
    const refused = ask(t.openai, model).catch((e) => e)
    await arrived
    t.clock.advance({ minutes: 11 })
    expect(await refused).toMatchObject({ status: 504 })
    expect(await receipts()).toEqual([{ status: 'failed', credits: 0 }])
  })

  test('a name that means no model of this kind is told which does', async () => {
    for (const name of ['nonsense', 'haiku', 'auto']) {
      const error = await ask(t.openai, name).catch((e) => e)
      expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' })
      expect(error.message).toContain(model)
      expect(error.message).toMatch(new RegExp(`serves? ${kind}`))
    }
    expect(t.provider.requests).toHaveLength(0)
    expect(await receipts()).toEqual([])
  })

  test('a chat is told which route its model is for', async () => {
    const messages = [{ role: 'user' as const, content: 'hello' }]
    const refused = t.openai.chat.completions.create({ model, messages })
    await expect(refused).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
    await expect(refused).rejects.toThrow(`"${model}" serves ${kind}: POST ${path}`)
    const fallback = t.post({ model: 'haiku', max_tokens: 10, messages }, { headers: { 'x-caicaini-fallback': model } })
    expect((await fallback).status).toBe(404)
  })

  test('an unknown key and a spent quota are refused before the provider is asked', async () => {
    const other = new OpenAI({ baseURL: `${t.url}/v1`, apiKey: 'cai_api_x', maxRetries: 0 })
    await expect(ask(other, model)).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' })
    const { key } = await t.local<{ key: string }>('POST', '/api/keys?username=ada', { name: 'small', quota: 0.000001 })
    const small = new OpenAI({ baseURL: `${t.url}/v1`, apiKey: key, maxRetries: 0 })
    await expect(ask(small, model)).rejects.toMatchObject({ status: 402, code: 'insufficient_quota' })
    expect(t.provider.requests).toHaveLength(0)
  })

  test('a key’s own word for a call stands for one call', async () => {
    t.provider.play((response) => response.writeHead(200).end(ANSWERS[kind]))
    const again = new OpenAI({
      baseURL: `${t.url}/v1`,
      apiKey: t.key,
      maxRetries: 0,
      defaultHeaders: { 'idempotency-key': 'once' }
    })
    await ask(again, model)
    await expect(ask(again, model)).rejects.toMatchObject({ status: 409 })
    expect(t.provider.requests).toHaveLength(1)
  })
})

const ANSWERS: Readonly<Record<string, string>> = {
  embeddings: JSON.stringify({ data: [], usage: { prompt_tokens: 1 } }),
  images: JSON.stringify({ data: [{ url: 'http://x' }] }),
  speech: 'sound',
  transcriptions: JSON.stringify({ text: 'hello' })
}

describe.each(KINDS.filter(({ kind }) => kind !== 'speech'))('$kind, its client gone', ({ kind, model, ask }) => {
  test('is finished by the provider and billed', async () => {
    const stop = new AbortController()
    let answer = () => {}
    t.provider.play((response) => {
      answer = () => response.writeHead(200).end(ANSWERS[kind])
    })
    const arrived = t.provider.nextRequest()
    const asked = ask(t.openai, model, { signal: stop.signal }).catch((e) => e)
    await arrived
    stop.abort()
    await asked
    answer()
    await until(async () => (await receipts()).length === 1)
    const [receipt] = await receipts()
    expect(receipt?.status).toBe('complete')
    expect(receipt?.credits).toBeGreaterThan(0)
  })
})

describe('speech, its client gone', () => {
  const asked = { model: 'voice-x', input: 'hello', voice: 'alloy' }

  test('before the first byte is not billed, and its provider is stopped', async () => {
    const stop = new AbortController()
    t.provider.play(() => {})
    const arrived = t.provider.nextRequest()
    const aborted = t.provider.nextAbort()
    const refused = t.openai.audio.speech.create(asked, { signal: stop.signal }).catch((e) => e)
    await arrived
    stop.abort()
    await Promise.all([refused, aborted])
    await until(async () => (await receipts()).length === 1)
    expect(await receipts()).toEqual([{ status: 'aborted', credits: 0 }])
  })

  test('in its midst is billed whole, as the provider bills it, and its provider is stopped', async () => {
    t.provider.play((response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' })
      response.write('one')
      setTimeout(() => response.write('two'), 5)
    })
    const stop = new AbortController()
    const aborted = t.provider.nextAbort()
    const response = await t.openai.audio.speech.create(asked, { signal: stop.signal })
    const reader = response.body?.getReader()
    await reader?.read()
    stop.abort()
    await reader?.read().catch(() => undefined)
    await aborted
    await until(async () => (await receipts()).length === 1)
    expect(await receipts()).toEqual([{ status: 'aborted', credits: 0.075 }])
  })

  test('a provider that breaks off is not billed, and the sound is cut for its client, too', async () => {
    t.provider.play((response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': 100 })
      response.write('one')
      setTimeout(() => response.write('two'), 5)
      setTimeout(() => response.socket?.destroy(), 10)
    })
    const written = vi.spyOn(console, 'error')
    const response = await t.openai.audio.speech.create(asked)
    const heard: Buffer[] = []
    const listening = async () => {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) heard.push(Buffer.from(chunk))
    }
    await expect(listening()).rejects.toThrow()
    expect('onetwo'.startsWith(Buffer.concat(heard).toString())).toBe(true)
    expect(written).not.toHaveBeenCalled()
    expect(await receipts()).toEqual([{ status: 'failed', credits: 0 }])
  })
})

describe('an account that is suspended meanwhile', () => {
  const suspend = () => t.local('POST', '/admin/api/users/ada/suspend', { reason: 'x' })
  const lift = () => t.local('POST', '/admin/api/users/ada/unsuspend', { reason: 'x' })

  test.each(KINDS)('pays nothing for $kind of which it has nothing', async ({ model, ask }) => {
    t.provider.play(() => {})
    const [arrived, aborted] = [t.provider.nextRequest(), t.provider.nextAbort()]
    const refused = expect(ask(t.openai, model)).rejects.toMatchObject({ status: 403, code: 'suspended' })
    await arrived
    await suspend()
    await Promise.all([refused, aborted])
    await lift()
    expect(await receipts()).toEqual([{ status: 'aborted', credits: 0 }])
    expect((await t.audit()).differences).toEqual([])
  })

  test.each([
    ['no sound yet', ['one'], 0],
    ['some of the sound', ['one', 'two'], 0.075]
  ])('that has %s', async (_, chunks, credits) => {
    t.provider.play((response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' })
      for (const [i, chunk] of chunks.entries()) setTimeout(() => response.write(chunk), 5 * i)
    })
    const aborted = t.provider.nextAbort()
    const response = await t.openai.audio.speech.create({ model: 'voice-x', input: 'hello', voice: 'alloy' })
    const reader = response.body?.getReader()
    // The newest chunk is held back.
    if (chunks.length > 1) await reader?.read()
    await suspend()
    await expect(reader?.read()).rejects.toThrow()
    await aborted
    await lift()
    expect(await receipts()).toEqual([{ status: 'aborted', credits }])
    expect((await t.audit()).differences).toEqual([])
  })
})

test('plans that leave a model out refuse it', async () => {
  await t.close()
  t = await createThroughServer({
    change(file) {
      if (file.plans.pro) file.plans.pro.models = ['claude-haiku-4-5']
    }
  })
  for (const { ask, model } of KINDS) {
    await expect(ask(t.openai, model)).rejects.toMatchObject({ status: 403, code: 'plan' })
  }
  expect(t.provider.requests).toHaveLength(0)
})

test('a server without a key for their provider says so: to its owner the sandbox only chats', async () => {
  await t.close()
  t = await createThroughServer({ keys: false })
  const owner = new OpenAI({ baseURL: `${t.url}/v1`, apiKey: t.ownerKey, maxRetries: 0 })
  for (const { ask, model, kind } of KINDS) {
    await expect(ask(t.openai, model)).rejects.toMatchObject({ status: 529 })
    const refused = ask(owner, model)
    await expect(refused).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
    await expect(refused).rejects.toThrow(`no provider of this server has ${kind}`)
  }
})

test('the key’s window of requests and tokens holds, and every answer tells it', async () => {
  await t.close()
  t = await createThroughServer({
    change({ tiers }) {
      for (const tier of Object.values(tiers))
        Object.assign(tier, { requests_per_minute: 2, input_tokens_per_minute: 50 })
    }
  })
  t.provider.play((response) => response.writeHead(200).end(ANSWERS.embeddings))
  const embed = (input: string) => t.openai.embeddings.create({ model: 'embed-x', input })
  await expect(embed('long words '.repeat(100))).rejects.toMatchObject({ status: 429 })
  const { response } = await embed('short').withResponse()
  expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('1')
  await expect(embed('')).rejects.toMatchObject({ status: 400 })
  await embed('short')
  const refused = await embed('short')
    .asResponse()
    .catch((e) => e)
  expect(refused).toMatchObject({ status: 429 })
  expect(refused.headers.get('retry-after')).not.toBeNull()
  expect(t.provider.requests).toHaveLength(2)
})

test('a server without such models says so', async () => {
  await t.close()
  t = await createThroughServer({ only: 'chat' })
  for (const { ask, kind } of KINDS) {
    const refused = ask(t.openai, 'whatever')
    await expect(refused).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
    await expect(refused).rejects.toThrow(`no model of this server serves ${kind}`)
  }
})
