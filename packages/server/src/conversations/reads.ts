import { AppError } from '@caicaini/protocol'
import type { Chat, ChatMessage } from '@caicaini/protocol/api'
import type { Db } from '../storage/tables.js'
import { textOf } from './content.js'
import { readFile, readFilesOf } from './file-store.js'
import { toChat, toMessage } from './json.js'
import type { Sealed } from './sealed.js'
import { type ChatRow, type Position, readChats, readMessage, readMessages, readOwnChat, readSizes } from './store.js'

/** Content that one page of messages tells at most, in bytes; one message is always told. */
const PAGE_BYTES_MAX = 16 * 1024 * 1024
/** What one request looks through for a word: so many conversations, and so much of what was said in them. */
const SEARCHED_CHATS_MAX = 200
const SEARCHED_BYTES_MAX = 32 * 1024 * 1024
const MESSAGES_AT_ONCE = 100

export interface ListAsk {
  readonly accountId: string
  /** The `next` of the page before. */
  readonly before?: string | undefined
  readonly search?: string | undefined
  /** How the ids begin. */
  readonly id?: string | undefined
  readonly limit: number
}

export type Reads = ReturnType<typeof createReads>

/** What an account's conversations are told from. */
export function createReads({ db, sealed }: { db: Db; sealed: Sealed }) {
  async function own(accountId: string, id: string): Promise<ChatRow> {
    const row = await readOwnChat(db, accountId, id)
    if (!row) throw noChat(id)
    return row
  }

  async function page(row: Pick<ChatRow, 'id'>, { afterSeq, limit }: { afterSeq: bigint; limit: number }) {
    const sizes = await readSizes(db, row.id, { afterSeq, limit: limit + 1 })
    let [bytes, toSeq, count] = [0n, afterSeq, 0]
    for (const size of sizes.slice(0, limit)) {
      bytes += size.bytes
      if (count > 0 && bytes > PAGE_BYTES_MAX) break
      toSeq = size.seq
      count++
    }
    const rows = count === 0 ? [] : await readMessages(db, row.id, { afterSeq, toSeq })
    return { rows, toSeq, bytes, isLast: count === sizes.length }
  }

  /** Whether its title or anything said in it has these words; `budget.bytes` is what may still be looked through. */
  async function has(row: ChatRow, words: string, budget: { bytes: number }): Promise<boolean> {
    const { title, first_line } = toChat(row, sealed)
    if (`${title ?? ''}\n${first_line}`.toLowerCase().includes(words)) return true
    for (let afterSeq = -1n; budget.bytes > 0; ) {
      const { rows, toSeq, bytes, isLast } = await page(row, { afterSeq, limit: MESSAGES_AT_ONCE })
      budget.bytes -= Number(bytes)
      if (rows.some((each) => textOf(sealed.openMessage(each)).toLowerCase().includes(words))) return true
      if (isLast) return false
      afterSeq = toSeq
      // Opening envelopes must not hold streams up.
      await new Promise((resolve) => setImmediate(resolve))
    }
    return false
  }

  async function found(rows: readonly ChatRow[], words: string, limit: number) {
    const chats: ChatRow[] = []
    const budget = { bytes: SEARCHED_BYTES_MAX }
    for (const [looked, row] of rows.entries()) {
      if (chats.length === limit || budget.bytes <= 0) return { chats, looked }
      if (await has(row, words, budget)) chats.push(row)
    }
    return { chats, looked: rows.length }
  }

  return {
    /** The one that was used last first; where words are looked for, `next` says how far the newest were looked through. */
    async list({ accountId, before, search, id, limit }: ListAsk): Promise<{ chats: Chat[]; next: string | null }> {
      const words = search?.toLowerCase()
      const most = words === undefined ? limit : SEARCHED_CHATS_MAX
      const rows = await readChats(db, { accountId, before: positionOf(before), idPrefix: id, limit: most + 1 })
      const within = rows.slice(0, most)
      const { chats, looked } =
        words === undefined ? { chats: within, looked: within.length } : await found(within, words, limit)
      const last = looked < rows.length ? within[looked - 1] : undefined
      return { chats: chats.map((row) => toChat(row, sealed)), next: last ? cursorOf(last) : null }
    },

    chat: async (accountId: string, id: string): Promise<Chat> => toChat(await own(accountId, id), sealed),

    own,

    /** In the order of storage; `after` is the id of a message. */
    async messages(
      accountId: string,
      id: string,
      { after, limit }: { after: string | undefined; limit: number }
    ): Promise<{ messages: ChatMessage[]; next: string | null }> {
      const row = await own(accountId, id)
      const before = after === undefined ? undefined : await readMessage(db, id, after)
      if (after !== undefined && !before)
        throw new AppError('not_found', `after: the chat has no message "${after}"; take the \`next\` of a page`)
      const { rows, isLast } = await page(row, { afterSeq: before?.seq ?? -1n, limit })
      return { messages: rows.map((each) => toMessage(each, sealed)), next: isLast ? null : (rows.at(-1)?.id ?? null) }
    },

    /** Its files, the newest chat's first; one that two chats have is there twice. */
    files: (accountId: string) => readFilesOf(db, accountId),

    async file(ask: {
      accountId: string
      chatId: string
      sha256: string
    }): Promise<{ body: Uint8Array; mediaType: string }> {
      const row = await readFile(db, ask)
      if (!row) throw new AppError('not_found', `file: the chat "${ask.chatId}" has none of this SHA-256`)
      return { body: sealed.openFile(row.body, ask.accountId, ask.sha256), mediaType: row.media_type }
    }
  }
}

export function noChat(id: string): AppError {
  return new AppError('not_found', `chat: there is no "${id}", or it was deleted; GET /api/chats lists yours`)
}

function cursorOf({ updated_at_ms, id }: ChatRow): string {
  return `${updated_at_ms}.${id}`
}

function positionOf(cursor: string | undefined): Position | null {
  const [, ms = '', id = ''] = /^(\d{1,15})\.(chat_[0-9a-f-]{36})$/.exec(cursor ?? '') ?? []
  if (cursor !== undefined && id === '') throw new AppError('invalid_request', 'before: must be the `next` of a page')
  return id === '' ? null : { updatedAtMs: BigInt(ms), id }
}
