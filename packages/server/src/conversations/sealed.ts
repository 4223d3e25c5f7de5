import type { ChatContent } from '@caicaini/protocol/api'
import type { Vault } from '../secrets/vault.js'

export type Sealed = ReturnType<typeof createSealed>

/** Content of conversations in envelopes, each good in its own place alone. */
export function createSealed(vault: Pick<Vault, 'seal' | 'open' | 'sealBytes' | 'openBytes'>) {
  const wordOf = (chatId: string, what: 'title' | 'first_line' | 'system') => `chat:${what}:${chatId}`
  const messageOf = (chatId: string, id: string) => `chat:message:${chatId}:${id}`
  const fileOf = (accountId: string, sha256: string) => `chat:file:${accountId}:${sha256}`
  return {
    word: (text: string, chatId: string, what: Parameters<typeof wordOf>[1]) => vault.seal(text, wordOf(chatId, what)),
    openWord: (envelope: string, chatId: string, what: Parameters<typeof wordOf>[1]) =>
      vault.open(envelope, wordOf(chatId, what)),
    message: (json: string, chatId: string, id: string) => vault.seal(json, messageOf(chatId, id)),
    openMessage: (row: { chat_id: string; id: string; content: string }): ChatContent[] =>
      JSON.parse(vault.open(row.content, messageOf(row.chat_id, row.id))) as ChatContent[],
    file: (body: Uint8Array, accountId: string, sha256: string) => vault.sealBytes(body, fileOf(accountId, sha256)),
    openFile: (body: Uint8Array, accountId: string, sha256: string) => vault.openBytes(body, fileOf(accountId, sha256))
  }
}
