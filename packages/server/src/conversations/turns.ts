import { AppError, CHAT_HEADERS } from '@caicaini/protocol'
import type { ChatContent, MessageKind, MessageState } from '@caicaini/protocol/api'
import type { Clock } from '../lib/clock.js'
import type { Db, Tx } from '../storage/tables.js'
import { type ChatFile, firstLineOf, storedContent, systemText } from './content.js'
import { insertFile, insertFileUse, readKnownFiles } from './file-store.js'
import type { Sealed } from './sealed.js'
import { insertChat, insertMessage, readBytes, readChat, readRoles, updateChat } from './store.js'

/** What an account may keep in conversations and their files. */
export const BYTES_MAX = 1024 * 1024 * 1024
/** A system prompt beyond this is not kept: every list of conversations tells it. */
const SYSTEM_CHARS_MAX = 256 * 1024
/** How long a call waits for the end of the answer that it follows. */
const PENDING_WAIT_MS = 2_000

interface Brought {
  readonly accountId: string
  readonly chatId: string
  readonly files: readonly ChatFile[]
}

/** Once an account, whatever conversations have them. */
async function storeFiles(tx: Tx, sealed: Sealed, { accountId, chatId, files }: Brought): Promise<void> {
  const hashes = files.map(({ sha256 }) => sha256)
  const known = await readKnownFiles(tx, accountId, hashes)
  for (const { sha256, mediaType, body } of files) {
    if (!known.has(sha256)) {
      known.add(sha256)
      const envelope = sealed.file(body, accountId, sha256)
      await insertFile(tx, { account_id: accountId, sha256, bytes: BigInt(body.length), body: envelope })
    }
    await insertFileUse(tx, { chat_id: chatId, sha256, media_type: mediaType })
  }
}

/** Where a call stands in a conversation. */
export interface Place {
  readonly accountId: string
  readonly chatId: string
  readonly messageId: string
  readonly parent: string | null
  readonly answerId: string
  readonly kind: MessageKind
}

export interface Said {
  readonly place: Place
  readonly requestId: string
  /** As it was asked for. */
  readonly model: string
  readonly system: unknown
  readonly content: unknown
}

export interface Answered {
  readonly place: Place
  readonly requestId: string
  readonly state: MessageState
  readonly blocks: readonly unknown[]
  readonly model: string | null
  /** Micro-credits; null where the bill is not known. */
  readonly credits: bigint | null
}

export interface TurnsDeps {
  readonly db: Db
  readonly clock: Clock
  readonly sealed: Sealed
  readonly bytesMax?: number
}

export type Turns = ReturnType<typeof createTurns>

/** Turns of conversations, stored as they happen. */
export function createTurns({ db, clock, sealed, bytesMax = BYTES_MAX }: TurnsDeps) {
  const pending = new Map<string, Promise<void>>()

  function messageRow(place: Place, id: string, blocks: readonly ChatContent[]) {
    const json = JSON.stringify(blocks)
    return {
      chat_id: place.chatId,
      id,
      content: sealed.message(json, place.chatId, id),
      bytes: BigInt(Buffer.byteLength(json)),
      created_at_ms: BigInt(clock.nowMs())
    }
  }

  return {
    /** Whether a call may stand there; throws `AppError` where not. Waits a little for the answer that it follows. */
    async check({ accountId, chatId, messageId, parent, answerId }: Place, isRepeatable: boolean): Promise<void> {
      for (const id of [parent, messageId]) await inTime(clock, pending.get(`${chatId} ${id}`))
      const chat = await readChat(db, chatId)
      if (chat && (chat.account_id !== accountId || chat.deleted_at_ms !== null))
        throw new AppError('not_found', `${CHAT_HEADERS.chat}: there is no chat "${chatId}", or it was deleted`)
      const ids = [messageId, answerId, ...(parent === null ? [] : [parent])]
      const roles = new Map(chat ? (await readRoles(db, chatId, ids)).map(({ id, role }) => [id, role]) : [])
      if (roles.get(messageId) === 'assistant')
        throw new AppError('invalid_request', `${CHAT_HEADERS.message}: "${messageId}" is an answer of this chat`)
      if (parent !== null && !roles.has(messageId) && !roles.has(parent)) {
        const mend = 'GET /api/chats/{id}/messages tells which there are'
        throw new AppError('not_found', `${CHAT_HEADERS.parent}: this chat has no message "${parent}"; ${mend}`)
      }
      // A call that is repeated under its own key is told so by the ledger.
      if (roles.has(answerId) && !isRepeatable)
        throw new AppError('conflict', `${CHAT_HEADERS.answer}: "${answerId}" is stored already; make a new id`)
    },

    /** Until `ended` is settled, calls that follow this answer wait for it. */
    announce({ chatId, answerId }: Place, ended: Promise<void>): void {
      const key = `${chatId} ${answerId}`
      pending.set(key, ended)
      ended.finally(() => pending.delete(key)).catch(() => undefined)
    },

    /** Stores a call's message, unless it is stored already; `full` where the account has no room for it. */
    async say({ place, requestId, model, system, content }: Said): Promise<'saved' | 'full' | 'gone'> {
      const { accountId, chatId, messageId } = place
      const { blocks, files } = storedContent(content)
      const row = messageRow(place, messageId, blocks)
      const size = files.reduce((sum, { body }) => sum + body.length, Number(row.bytes))
      const text = systemText(system)
      const kept = text === null || text.length > SYSTEM_CHARS_MAX ? null : sealed.word(text, chatId, 'system')
      const now = BigInt(clock.nowMs())
      return db.transaction().execute(async (tx) => {
        if (Number(await readBytes(tx, accountId)) + size > bytesMax) return 'full'
        await insertChat(tx, {
          id: chatId,
          account_id: accountId,
          first_line: sealed.word(firstLineOf(blocks), chatId, 'first_line'),
          messages: 0n,
          credits: 0n,
          bytes: 0n,
          created_at_ms: now,
          updated_at_ms: now
        })
        const chat = await readChat(tx, chatId)
        if (chat?.account_id !== accountId || chat.deleted_at_ms !== null) return 'gone'
        await updateChat(tx, chatId, { model, system: kept, updated_at_ms: now })
        const { parent } = place
        const whole = { ...row, parent, role: 'user', kind: 'turn', state: 'complete', request_id: requestId }
        if (await insertMessage(tx, whole)) await storeFiles(tx, sealed, { ...place, files })
        return 'saved'
      })
    },

    /** Stores what was delivered of the answer to it. */
    async answer({ place, requestId, state, blocks: said, model, credits }: Answered): Promise<void> {
      const { blocks, files } = storedContent(said)
      const { answerId, messageId: parent, kind } = place
      const row = messageRow(place, answerId, blocks)
      const whole = { ...row, parent, role: 'assistant', kind, state, model, request_id: requestId, credits }
      await db.transaction().execute(async (tx) => {
        const chat = await readChat(tx, place.chatId)
        if (!chat || chat.deleted_at_ms !== null) return
        if (await insertMessage(tx, whole)) await storeFiles(tx, sealed, { ...place, files })
      })
    }
  }
}

function inTime(clock: Clock, promise: Promise<void> | undefined): Promise<void> {
  if (!promise) return Promise.resolve()
  return new Promise((resolve) => {
    const cancel = clock.after(PENDING_WAIT_MS, resolve)
    const done = () => {
      cancel()
      resolve()
    }
    promise.then(done, done)
  })
}
