import type { Receipt } from '@caicaini/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { changed, withoutMonthlyCredits } from '../src/testing/catalog.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'
import { answer } from '../src/testing/upstream.js'

/*
 * `caicaini/auto` from the client's request to its receipt, with an upstream that is played. The rules
 * themselves are tested where they are, in src/gateway/auto.
 */

const HAIKU = 'claude-haiku-4-5'
const SONNET = 'claude-sonnet-4-6'
const OPUS = 'claude-opus-4-7'
const HARD = 'Prove rigorously that the series converges.'
const EASY = 'What is the capital of France?'

let t: TestServer

async function start(options: Parameters<typeof createTestServer>[0] = {}) {
  t = await createTestServer({ credits: 2_000, ...options })
}
beforeEach(() => start())
afterEach(async () => {
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

const user = (content: unknown) => ({ role: 'user', content })
const said = (content: unknown) => ({ role: 'assistant', content })

interface Told {
  readonly asked: unknown
  readonly route: string
  readonly receipt: Receipt
}

async function ask(
  messages: readonly unknown[],
  {
    more = {},
    headers = { 'x-claude-code-session-id': 'session_1' }
  }: { more?: object; headers?: Record<string, string> } = {}
): Promise<Told> {
  const response = await t.post({ model: 'auto', max_tokens: 1024, messages, ...more }, { headers })
  expect(response.status).toBe(200)
  await response.text()
  return {
    asked: t.upstream.requests.at(-1)?.body.model,
    route: response.headers.get('x-caicaini-route') ?? '',
    receipt: await t.receipt(response.headers.get('request-id'))
  }
}

describe('a conversation by auto', () => {
  test('is asked of one model, whose cache it has, and changes it when a person’s message asks for it', async () => {
    const more = { system: [{ type: 'text', text: 'x'.repeat(40_000), cache_control: { type: 'ephemeral' } }] }
    const first = await ask([user(HARD)], { more })
    expect(first.asked).toBe(OPUS)
    expect(first.receipt).toMatchObject({ model: 'auto', model_used: OPUS, route_reason: first.route })

    const call = said([{ type: 'tool_use', id: 'a', name: 'bash', input: {} }])
    const result = user([{ type: 'tool_result', tool_use_id: 'a', content: EASY }])
    const second = await ask([user(HARD), call, result], { more })
    expect(second).toMatchObject({
      asked: OPUS,
      route: expect.stringMatching(/^Pinned with this conversation \(its cache/)
    })

    const third = await ask([user(HARD), said('Done.'), user(EASY)], { more })
    expect(third).toMatchObject({ asked: OPUS, route: expect.stringContaining('is worth 54') })

    t.clock.advance({ minutes: 6 })
    const fourth = await ask([user(HARD), said('Done.'), user(EASY)], { more })
    expect(fourth).toMatchObject({ asked: HAIKU, route: 'Short factual question: the small model' })
    // Tools of Haiku's own turn do not change it back.
    expect((await ask([user(HARD), said('Done.'), user(EASY), call, result], { more })).asked).toBe(HAIKU)
    expect((await ask([user(HARD), said('Done.'), user(EASY), said('Paris.'), user(HARD)], { more })).asked).toBe(OPUS)
  })

  test('is one account’s own', async () => {
    await ask([user(HARD)])
    const body = { model: 'auto', max_tokens: 1024, messages: [user('continue')] }
    const response = await t.post(body, { key: t.ownerKey, headers: { 'x-claude-code-session-id': 'session_1' } })
    expect(response.headers.get('x-caicaini-route')).toBe('No clear sign either way: the middle model')
  })

  test('goes one up when the same call fails again and again', async () => {
    const failing = ['a', 'b', 'c'].flatMap((id) => [
      said([{ type: 'tool_use', id, name: 'bash', input: { command: 'make' } }]),
      user([{ type: 'tool_result', tool_use_id: id, is_error: true, content: 'no rule' }])
    ])
    const task = user('add a flag to the list command')
    expect((await ask([task])).asked).toBe(SONNET)
    expect((await ask([task, ...failing.slice(0, 4)])).asked).toBe(SONNET)
    expect(await ask([task, ...failing])).toMatchObject({
      asked: OPUS,
      route: 'The same call failed again and again: the top model'
    })
  })

  test('keeps its model when a message picks another one, and no longer than that message', async () => {
    await ask([user(HARD)])
    const picked = await ask([user(HARD), said('…'), user('continue')], { more: { model: 'haiku' } })
    expect(picked).toMatchObject({ asked: HAIKU, route: 'you picked this model' })
    const next = await ask([user(HARD), said('…'), user('continue'), said('…'), user('continue')])
    expect(next).toMatchObject({ asked: OPUS, route: 'Pinned with this conversation' })
  })
})

describe('a conversation’s model is remembered', () => {
  const headers = { 'x-claude-code-session-id': 'session_1' }
  const next = [user(HARD), said('…'), user('continue')]

  test('from the first message that is admitted, not from one that is told 402', async () => {
    await t.close()
    await start({ credits: 2.5 })
    const body = { model: 'auto', max_tokens: 100 }
    const refused = await t.post({ ...body, messages: [user(HARD)] }, { headers })
    expect(refused.status).toBe(402)
    expect(t.upstream.requests).toHaveLength(0)
    // On the top model's account this one would be refused as well.
    expect(await ask(next, { more: body })).toMatchObject({ asked: SONNET, route: expect.stringMatching(/^No clear/) })
  })

  test('when its tokens are counted, which alone makes nobody remember anything', async () => {
    const counted = async (messages: readonly unknown[]) => {
      await t.sdk().messages.countTokens({ model: 'caicaini/auto', messages } as never, { headers })
      return t.upstream.requests.at(-1)?.body.model
    }
    t.upstream.play((response, { path }) => {
      if (path.includes('count_tokens')) response.writeHead(200).end('{"input_tokens":7}')
      else answer(response)
    })
    expect(await counted([user(HARD)])).toBe(OPUS)
    expect(await counted(next)).toBe(SONNET)
    expect((await ask([user(HARD)])).asked).toBe(OPUS)
    expect(await counted(next)).toBe(OPUS)
    expect((await ask(next)).asked).toBe(OPUS)
  })
})

describe('a message by auto', () => {
  test('that a client sends beside the conversation goes to the small model', async () => {
    const headers = { 'x-claude-code-session-id': 'session_1', 'x-claude-code-request-class': 'auxiliary' }
    await ask([user(HARD)])
    expect(await ask([user(HARD)], { headers })).toMatchObject({
      asked: HAIKU,
      route: 'Auxiliary call: the small model'
    })
    expect((await ask([user(HARD), said('…'), user('continue')])).asked).toBe(OPUS)
  })

  test('says why in a stream’s receipt as well', async () => {
    const body = { model: 'caicaini/auto', max_tokens: 1024, stream: true, messages: [user(EASY)] }
    const text = await (await t.post(body)).text()
    expect(text).toContain('"route_reason":"Short factual question: the small model"')
  })

  test('stays within the plan', async () => {
    await t.close()
    await start({
      catalog: changed((file) => {
        const { pro } = file.plans
        if (pro) pro.models = [HAIKU, SONNET]
      })
    })
    expect(await ask([user(HARD)])).toMatchObject({
      asked: SONNET,
      route: `A very hard problem and long words, but ${OPUS} is not available here: ${SONNET} instead`
    })
  })

  test('goes to a model that takes its image', async () => {
    await t.close()
    await start({
      catalog(file) {
        const haiku = file.models.find(({ id }) => id === HAIKU)
        if (haiku) haiku.capabilities = ['tools']
        return withoutMonthlyCredits(file)
      }
    })
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }
    const { asked, route } = await ask([user([image, { type: 'text', text: 'What is this?' }])])
    expect(asked).toBe(SONNET)
    expect(route).toContain(`${HAIKU} does not take images`)
  })

  test('of OpenAI’s formats is routed alike', async () => {
    const headers = { 'content-type': 'application/json', 'x-api-key': t.key }
    const chat = { model: 'auto', messages: [user(EASY)] }
    const responses = { model: 'auto', input: EASY }
    for (const [path, body] of Object.entries({ '/v1/chat/completions': chat, '/v1/responses': responses })) {
      const response = await fetch(t.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
      expect(response.headers.get('x-caicaini-route')).toBe('Short factual question: the small model')
      await response.text()
    }
  })
})
