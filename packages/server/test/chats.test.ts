import type { Receipt } from '@caicaini/protocol'
import type { Chat, ChatList, ChatMessage } from '@caicaini/protocol/api'
import { LLMock } from '@copilotkit/aimock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withChatProvider } from '../src/testing/catalog.js'
import { atTerminal, newChatId, newMessageId, refusedAs, turnHeaders } from '../src/testing/chats.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'
import { begin, fail, sse, streamEvents } from '../src/testing/upstream.js'

let t: TestServer
let ada: Awaited<ReturnType<typeof atTerminal>>

beforeEach(async () => {
  t = await createTestServer()
  ada = await atTerminal(t)
})
afterEach(async () => {
  expect((await t.balance()).held).toBe(0)
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

const playStream = (events = streamEvents()) =>
  t.upstream.play((response) => {
    begin(response, events)
    response.end()
  })
const texts = (messages: readonly ChatMessage[]) =>
  messages.map(({ content }) => content.map(({ text }) => text).join())
const streamed = { body: { stream: true } }

describe('a turn is kept as it ends', () => {
  test('whole, not streamed', async () => {
    const [chat, message, answer] = [newChatId(), newMessageId(), newMessageId()]
    const system = [{ type: 'text', text: 'be brief', cache_control: { type: 'ephemeral' } }]
    const response = await ada.ask({ chat, message, answer }, ' \nwhat is a walrus?\nsay', { body: { system } })
    expect(response.status).toBe(200)
    expect(response.headers.get('caicaini-chat')).toBe('saved')
    const receipt = await ada.get<Receipt>(`/api/receipts/${response.headers.get('request-id')}`)
    const stored = await ada.get<Chat>(`/api/chats/${chat}`)
    expect(stored).toMatchObject({
      id: chat,
      title: null,
      first_line: 'what is a walrus?',
      model: 'claude-haiku-4-5',
      system: 'be brief',
      leaf: answer,
      messages: 2,
      credits: receipt.credits
    })
    const request_id = receipt.request_id
    expect(await ada.messages(chat)).toMatchObject([
      { id: message, parent: null, role: 'user', kind: 'turn', state: 'complete', request_id, credits: null },
      {
        id: answer,
        parent: message,
        role: 'assistant',
        kind: 'turn',
        state: 'complete',
        content: [{ type: 'text', text: 'Hello, world' }],
        model: 'claude-haiku-4-5',
        request_id,
        credits: receipt.credits
      }
    ])
    expect((await ada.get<ChatList>('/api/chats')).chats).toEqual([stored])
  })

  test('streamed, before its reader has the last event', async () => {
    playStream()
    const chat = newChatId()
    const response = await ada.ask({ chat }, 'hi', streamed)
    expect(response.headers.get('caicaini-chat')).toBe('saved')
    const reader = response.body?.getReader()
    for (let got = ''; !got.includes('message_stop'); )
      got += Buffer.from((await reader?.read())?.value ?? []).toString()
    expect(texts(await ada.messages(chat))).toEqual(['hi', 'Hello, world'])
    await reader?.cancel()
  })

  test('with its thinking and its calls of tools as blocks', async () => {
    const block = (index: number, content_block: object, deltas: object[]) => [
      sse('content_block_start', { index, content_block }),
      ...deltas.map((delta) => sse('content_block_delta', { index, delta })),
      sse('content_block_stop', { index })
    ]
    const [first = '', ...rest] = streamEvents({ texts: [] })
    playStream([
      first,
      ...block(0, { type: 'thinking', thinking: '', signature: '' }, [
        { type: 'thinking_delta', thinking: 'hm, ' },
        { type: 'thinking_delta', thinking: 'so' },
        { type: 'signature_delta', signature: 'c2ln' }
      ]),
      ...block(1, { type: 'text', text: '' }, [{ type: 'text_delta', text: 'I look' }]),
      ...block(2, { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }, [
        { type: 'input_json_delta', partial_json: '{"at":' },
        { type: 'input_json_delta', partial_json: '"Łódź"}' }
      ]),
      ...rest.slice(-2)
    ])
    const [chat, answer] = [newChatId(), newMessageId()]
    await (await ada.ask({ chat, answer }, 'where?', streamed)).text()
    expect((await ada.messages(chat))[1]?.content).toEqual([
      { type: 'thinking', thinking: 'hm, so', signature: 'c2ln' },
      { type: 'text', text: 'I look' },
      { type: 'tool_use', id: 'toolu_1', name: 'look', input: { at: 'Łódź' } }
    ])
    const result = [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'a city' }] }]
    await (await ada.ask({ chat, parent: answer }, result, streamed)).text()
    expect((await ada.messages(chat))[2]).toMatchObject({ parent: answer, role: 'user', content: result })
  })

  test('stopped: what its reader got, and what that cost; the next turn may follow at once', async () => {
    t.upstream.play((response) => begin(response, streamEvents().slice(0, 5)))
    const [chat, answer] = [newChatId(), newMessageId()]
    const stop = new AbortController()
    const response = await ada.ask({ chat, answer }, 'count', { ...streamed, signal: stop.signal })
    const reader = response.body?.getReader()
    for (let got = ''; !got.includes(', '); ) got += Buffer.from((await reader?.read())?.value ?? []).toString()
    stop.abort()
    playStream()
    const next = await ada.ask({ chat, parent: answer }, 'go on', streamed)
    expect(next.status).toBe(200)
    await next.text()
    const [, stopped, following] = await ada.messages(chat)
    const receipt = await ada.get<Receipt>(`/api/receipts/${response.headers.get('request-id')}`)
    expect(stopped).toMatchObject({ id: answer, state: 'stopped', credits: receipt.credits })
    expect(stopped?.content).toEqual([{ type: 'text', text: 'Hello, ' }])
    expect(receipt).toMatchObject({ status: 'aborted' })
    expect(following).toMatchObject({ parent: answer })
  })

  test('failed: what had come, for nothing', async () => {
    t.upstream.play((response) => {
      begin(response, streamEvents().slice(0, 4))
      response.write('', () => response.destroy())
    })
    const chat = newChatId()
    await (await ada.ask({ chat }, 'count', streamed)).text()
    expect((await ada.messages(chat))[1]).toMatchObject({ state: 'failed', credits: 0, content: [{ text: 'Hello' }] })
  })

  test('failed with nothing said: the question alone', async () => {
    t.upstream.play((response) => fail(response, 500))
    const [chat, message] = [newChatId(), newMessageId()]
    expect((await ada.ask({ chat, message }, 'count')).status).toBe(502)
    expect(await ada.messages(chat)).toMatchObject([{ id: message, role: 'user' }])
  })

  test('again: another answer beside the first', async () => {
    const [chat, message] = [newChatId(), newMessageId()]
    await ada.ask({ chat, message }, 'one')
    const again = newMessageId()
    await ada.ask({ chat, message, answer: again }, 'one')
    const stored = await ada.messages(chat)
    expect(stored.map(({ role, parent }) => [role, parent])).toEqual([
      ['user', null],
      ['assistant', message],
      ['assistant', message]
    ])
    expect(await ada.get<Chat>(`/api/chats/${chat}`)).toMatchObject({ leaf: again, messages: 3 })
  })

  test('as a summary, where it is one', async () => {
    const [chat, answer] = [newChatId(), newMessageId()]
    await ada.ask({ chat, answer }, 'one')
    await ada.ask({ chat, parent: answer, kind: 'summary' }, 'sum it up')
    expect((await ada.messages(chat)).map(({ kind }) => kind)).toEqual(['turn', 'turn', 'turn', 'summary'])
  })

  test('once, however often a program repeats the call', async () => {
    const turn = { chat: newChatId(), message: newMessageId(), answer: newMessageId() }
    const headers = { 'idempotency-key': 'one' }
    expect((await ada.ask(turn, 'one', { headers })).status).toBe(200)
    expect(await refusedAs(await ada.ask(turn, 'one', { headers }))).toMatchObject({ code: 'idempotency_repeat' })
    expect(await ada.messages(turn.chat)).toHaveLength(2)
  })
})

test('a turn that another format answers is kept as blocks, streamed or not', async () => {
  const mock = new LLMock({ port: 0, host: '127.0.0.1' })
  mock.onMessage('hello', { content: 'Hello from the other side.' })
  mock.onMessage('weather', { toolCalls: [{ name: 'get_weather', arguments: { city: 'Łódź' } }] })
  await mock.start()
  const other = await createTestServer({
    env: { OPENAI_API_KEY: 'sk-operator' },
    catalog: withChatProvider(`${mock.url}/v1`)
  })
  const eve = await atTerminal(other)
  const tools = [{ name: 'get_weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } }]
  for (const stream of [true, false]) {
    const [chat, answer] = [newChatId(), newMessageId()]
    await (await eve.ask({ chat, answer }, 'hello', { body: { model: 'gpt-x', stream } })).text()
    await (await eve.ask({ chat, parent: answer }, 'weather', { body: { model: 'gpt-x', stream, tools } })).text()
    const [, said, , called] = await eve.messages(chat)
    expect(said).toMatchObject({ model: 'gpt-x', content: [{ type: 'text', text: 'Hello from the other side.' }] })
    expect(called?.content).toMatchObject([{ type: 'tool_use', name: 'get_weather', input: { city: 'Łódź' } }])
  }
  expect((await other.audit()).differences).toEqual([])
  await other.close()
  await mock.stop()
})

describe('a call is refused, and nothing asked or charged,', () => {
  const mine = { chat: newChatId(), message: newMessageId(), answer: newMessageId() }
  let before: number
  beforeEach(async () => {
    await ada.ask(mine)
    before = (await t.balance()).balance
  })
  afterEach(async () => {
    expect(t.upstream.requests).toHaveLength(1)
    expect((await t.balance()).balance).toBe(before)
  })

  test('where the chat is another account’s', async () => {
    await t.local('POST', '/admin/api/users', { username: 'eve', plan: 'pro' })
    await t.local('POST', '/admin/api/credits/grant', { username: 'eve', credits: 10 })
    const made = await t.local<{ key: string }>('POST', '/api/keys?username=eve', { name: 'e', scope: 'cli' })
    const response = await ada.ask({ chat: mine.chat }, 'tell', { key: made.key })
    expect(await refusedAs(response)).toMatchObject({ status: 404, code: 'not_found' })
    for (const path of ['', '/messages', `/files/${'0'.repeat(64)}`])
      expect((await ada.call('GET', `/api/chats/${mine.chat}${path}`, { as: made.key })).status).toBe(404)
    const json = { title: 'mine' }
    expect((await ada.call('PATCH', `/api/chats/${mine.chat}`, { as: made.key, json })).status).toBe(404)
    expect((await ada.call('DELETE', `/api/chats/${mine.chat}`, { as: made.key })).status).toBe(404)
    const fork = { id: newChatId(), message: mine.message }
    expect((await ada.call('POST', `/api/chats/${mine.chat}/fork`, { as: made.key, json: fork })).status).toBe(404)
    expect((await ada.messages(mine.chat)).length).toBe(2)
  })

  test('where the chat was deleted', async () => {
    expect((await ada.call('DELETE', `/api/chats/${mine.chat}`)).status).toBe(204)
    expect(await refusedAs(await ada.ask({ chat: mine.chat }))).toMatchObject({ status: 404, code: 'not_found' })
  })

  test('of a key that keeps no chats', async () => {
    const refused = await refusedAs(await ada.ask({ chat: mine.chat }, 'hi', { key: t.key }))
    expect(refused).toMatchObject({ status: 403, code: 'scope' })
    expect(refused.message).toContain('scope "cli"')
    expect(await refusedAs(await ada.call('GET', '/api/chats', { as: t.key }))).toMatchObject({ code: 'scope' })
  })

  test.each([
    ['x-caicaini-chat', 'chat_1'],
    ['x-caicaini-message', 'msg_1'],
    ['x-caicaini-message', ''],
    ['x-caicaini-parent', 'nobody'],
    ['x-caicaini-answer', 'msg_01999999-0000-4000-8000-000000000000'],
    ['x-caicaini-kind', 'joke']
  ])('where %s is %j', async (name, value) => {
    const refused = await refusedAs(await ada.ask({ chat: mine.chat }, 'hi', { headers: { [name]: value } }))
    expect(refused).toMatchObject({ status: 400, code: 'invalid_request' })
    expect(refused.message).toContain(`${name}: `)
  })

  test('where it follows what is not there, answers an answer, or brings an id again', async () => {
    const { chat, message, answer } = mine
    const codes = async (turn: object) => (await refusedAs(await ada.ask({ chat, ...turn }))).code
    expect(await codes({ parent: newMessageId() })).toBe('not_found')
    expect(await codes({ message: answer })).toBe('invalid_request')
    expect(await codes({ parent: message, answer })).toBe('conflict')
    expect(await codes({ message, answer: message })).toBe('invalid_request')
    expect(await refusedAs(await ada.ask({ chat: newChatId(), parent: answer }))).toMatchObject({ code: 'not_found' })
  })

  test('on routes that keep none, and where the chat is left out', async () => {
    const { 'x-caicaini-chat': _, ...stray } = turnHeaders(mine)
    const asked = (path: string, headers: object) =>
      fetch(t.url + path, {
        method: 'POST',
        headers: { 'x-api-key': ada.key, ...headers },
        body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 9, messages: [{ role: 'user', content: 'x' }] })
      })
    for (const path of ['/v1/chat/completions', '/v1/embeddings'])
      expect(await refusedAs(await asked(path, turnHeaders(mine)))).toMatchObject({ status: 400 })
    expect(await refusedAs(await asked('/v1/messages', stray))).toMatchObject({ status: 400, code: 'invalid_request' })
  })

  test('and stores nothing where the credits do not suffice', async () => {
    await t.local('POST', '/admin/api/users', { username: 'eve', plan: 'pro' })
    const { key } = await t.local<{ key: string }>('POST', '/api/keys?username=eve', { name: 'e', scope: 'cli' })
    const chat = newChatId()
    expect(await refusedAs(await ada.ask({ chat }, 'hi', { key }))).toMatchObject({ code: 'insufficient_quota' })
    expect((await ada.call('GET', `/api/chats/${chat}`, { as: key })).status).toBe(404)
  })
})
