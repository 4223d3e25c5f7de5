import type { Chat, ChatList, ChatMessage, ChatMessageList, ForkChat } from '@caicaini/protocol/api'
import { type ApiClientDeps, type createCaller, type Exchange, once } from './api-call.js'

export interface ChatCalls {
  /** A page of the account's chats, the one that was used last first. `id`: how their ids begin. */
  listChats(asked?: { search?: string; id?: string; before?: string; limit?: number }): Promise<ChatList>
  chat(id: string): Promise<Chat>
  /** Every message of all branches, in the order in which they were stored. */
  chatMessages(id: string): Promise<ChatMessage[]>
  renameChat(id: string, title: string): Promise<Chat>
  /** The path to a message as a chat of its own. */
  forkChat(id: string, ask: ForkChat): Promise<Chat>
  deleteChat(id: string): Promise<void>
  /** An image or a document of a message. */
  chatFile(id: string, sha256: string): Promise<Uint8Array>
}

type Call = ReturnType<typeof createCaller>['call']

/** What people do with the chats that their account keeps. */
export function createChatCalls(
  deps: ApiClientDeps,
  { call, exchange }: { call: Call; exchange: Exchange }
): ChatCalls {
  const pathOf = (id: string) => `/api/chats/${encodeURIComponent(id)}`

  async function* messagePages(id: string): AsyncGenerator<ChatMessage[]> {
    let after: string | null = null
    do {
      const query: string = after === null ? '' : `?after=${encodeURIComponent(after)}`
      const page: ChatMessageList = await call('GET', `${pathOf(id)}/messages${query}`, { has: 'messages' })
      yield page.messages
      after = page.next
    } while (after !== null)
  }

  return {
    listChats(asked = {}) {
      const query = new URLSearchParams(Object.entries(asked).map(([name, value]) => [name, String(value)]))
      return call('GET', `/api/chats?${query}`, { has: 'chats' })
    },
    chat: (id) => call('GET', pathOf(id), { has: 'id' }),
    async chatMessages(id) {
      const messages: ChatMessage[] = []
      for await (const page of messagePages(id)) messages.push(...page)
      return messages
    },
    renameChat: (id, title) => call('PATCH', pathOf(id), { body: { title }, has: 'id' }),
    forkChat: (id, ask) => call('POST', `${pathOf(id)}/fork`, { body: ask, has: 'id' }),
    async deleteChat(id) {
      await once(deps, exchange, { method: 'DELETE', path: pathOf(id) })
    },
    async chatFile(id, sha256) {
      const path = `${pathOf(id)}/files/${encodeURIComponent(sha256)}`
      const { body } = await exchange({ method: 'GET', path, signal: new AbortController().signal })
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      return Buffer.concat(chunks)
    }
  }
}
