import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Receipt } from '@caicaini/protocol'
import type { Chat, ChatList, ChatMessage, ChatMessageList } from '@caicaini/protocol/api'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { begin, fail, sse, streamEvents } from '../src/testing/upstream.js'

let dataDir: string
let t: TestServer
/** Of the customer's, of scope `cli`. */
let cli: string

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'caicaini-chats-'))
  t = await createTestServer({ dataDir })
  cli = (await t.local<{ key: string }>('POST', '/api/keys?username=ada', { name: 'terminal', scope: 'cli' })).key
})
afterEach(async () => {
  expect((await t.audit()).differences).toEqual([])
  await t.close()
  rmSync(dataDir, { recursive: true })
})

let counted = 0
const uuid = () => `01999999-0000-7000-8000-${(++counted).toString(16).padStart(12, '0')}`
const chatId = () => `chat_${uuid()}`
const messageId = () => `msg_${uuid()}`

interface Turn {
  chat: string
  message?: string
  answer?: string
  parent?: string
  kind?: string
}

/** The headers of one turn, its ids new where none are given. */
function headersOf({ chat, message = messageId(), answer = messageId(), parent, kind }: Turn): Record<string, string> {
  return {
    'x-caicaini-chat': chat,
    'x-caicaini-message': message,
    'x-caicaini-answer': answer,
    ...(parent && { 'x-caicaini-parent': parent }),
    ...(kind && { 'x-caicaini-kind': kind })
  }
}

const SECRET = 'the walrus sings at midnight'
const body = (content: unknown = SECRET, more: object = {}) => ({
  model: 'claude-haiku-4-5',
  max_tokens: 1024,
  system: 'be brief, walrus',
  messages: [{ role: 'user', content }],
  ...more
})
const ask = (turn: Turn, content?: unknown, more?: object) =>
  t.post(body(content, more), { key: cli, headers: headersOf(turn) })

const get = <T>(path: string, key = cli) => t.get<T>(path, key)
const messagesOf = async (chat: string) => (await get<ChatMessageList>(`/api/chats/${chat}/messages`)).messages
const call = (method: string, path: string, { key = cli, json }: { key?: string; json?: object } = {}) =>
  fetch(t.url + path, {
    method,
    headers: { 'x-api-key': key, ...(json && { 'content-type': 'application/json' }) },
    ...(json && { body: JSON.stringify(json) })
  })
const codeOf = async (response: Response) => ({
  status: response.status,
  code: ((await response.json()) as { error: { code: string } }).error.code
})

describe('a turn', () => {
  test('that was not streamed is there when its answer is', async () => {
    const [chat, message, answer] = [chatId(), messageId(), messageId()]
    const response = await ask({ chat, message, answer })
    expect(response.status).toBe(200)
    expect(response.headers.get('caicaini-chat')).toBe('saved')
    const stored = await get<Chat>(`/api/chats/${chat}`)
    expect(stored).toMatchObject({
      id: chat,
      title: null,
      first_line: SECRET,
      model: 'claude-haiku-4-5',
      system: 'be brief, walrus',
      leaf: answer,
      messages: 2
    })
    const receipt = await get<Receipt>(`/api/receipts/${response.headers.get('request-id')}`)
    expect(stored.credits).toBe(receipt.credits)
    expect(await messagesOf(chat)).toMatchObject([
      { id: message, parent: null, role: 'user', state: 'complete', content: [{ type: 'text', text: SECRET }] },
      {
        id: answer,
        parent: message,
        role: 'assistant',
        kind: 'turn',
        state: 'complete',
        content: [{ type: 'text', text: 'Hello, world' }],
        model: 'claude-haiku-4-5',
        request_id: receipt.request_id,
        credits: receipt.credits
      }
    ])
    expect((await get<ChatList>('/api/chats')).chats).toEqual([stored])
  })
})
void [Database, until, begin, fail, sse, streamEvents, call, codeOf] as unknown as ChatMessage
