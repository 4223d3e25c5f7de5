import type { ChatMessageList } from '@caicaini/protocol/api'
import type { TestServer } from './server.js'

let counted = 0
const uuid = () => `01999999-0000-7000-8000-${(++counted).toString(16).padStart(12, '0')}`

export const newChatId = () => `chat_${uuid()}`
export const newMessageId = () => `msg_${uuid()}`

export interface PlayedTurn {
  readonly chat: string
  readonly message?: string
  readonly answer?: string
  readonly parent?: string
  readonly kind?: string
}

/** The headers of one turn, its ids new where none are given. */
export function turnHeaders(turn: PlayedTurn): Record<string, string> {
  const { chat, message = newMessageId(), answer = newMessageId(), parent, kind } = turn
  return {
    'x-caicaini-chat': chat,
    'x-caicaini-message': message,
    'x-caicaini-answer': answer,
    ...(parent && { 'x-caicaini-parent': parent }),
    ...(kind && { 'x-caicaini-kind': kind })
  }
}

export interface AskMore {
  /** More of the body. */
  readonly body?: object
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal
  readonly key?: string
}

/** The customer at a terminal, with a key of scope `cli`. */
export async function atTerminal(t: TestServer) {
  const { key } = await t.local<{ key: string }>('POST', '/api/keys?username=ada', { name: 'terminal', scope: 'cli' })
  const call = (method: string, path: string, { as = key, json }: { as?: string; json?: object } = {}) =>
    fetch(t.url + path, {
      method,
      headers: { 'x-api-key': as, ...(json && { 'content-type': 'application/json' }) },
      ...(json && { body: JSON.stringify(json) })
    })
  return {
    key,
    call,
    get: <T>(path: string) => t.get<T>(path, key),
    messages: async (chat: string) => (await t.get<ChatMessageList>(`/api/chats/${chat}/messages`, key)).messages,
    /** One turn of a chat. */
    ask(turn: PlayedTurn, content: unknown = 'say hello', { body, headers, signal, key: as = key }: AskMore = {}) {
      const messages = [{ role: 'user', content }]
      const whole = { model: 'claude-haiku-4-5', max_tokens: 1024, messages, ...body }
      return t.post(whole, { key: as, headers: { ...turnHeaders(turn), ...headers }, ...(signal && { signal }) })
    }
  }
}

/** What a refused request was told, in short. */
export async function refusedAs(response: Response): Promise<{ status: number; code: string; message: string }> {
  const { error } = (await response.json()) as { error: { code: string; message: string } }
  return { status: response.status, code: error.code, message: error.message }
}
