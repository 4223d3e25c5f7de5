import { AppError } from '@caicaini/protocol'
import type { Chat, ChatContent, ForkChat } from '@caicaini/protocol/api'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Db, Tx } from '../storage/tables.js'
import { firstLineOf } from './content.js'
import { insertFileUse } from './file-store.js'
import { noChat, type Reads } from './reads.js'
import type { Sealed } from './sealed.js'
import {
  type ChatRow,
  insertChat,
  insertMessage,
  type MessageRow,
  readBytes,
  readMessage,
  readOwnChat,
  readTree,
  updateChat
} from './store.js'

/** What is copied at once: everybody else's writes wait meanwhile. */
const FORK_BYTES_MAX = 64 * 1024 * 1024

export interface ForksDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly sealed: Sealed
  readonly reads: Reads
  readonly bytesMax: number
}

/** A path through a conversation as a conversation of its own. */
export function createForks({ db, clock, ids, sealed, reads, bytesMax }: ForksDeps) {
  async function begin(tx: Tx, from: ChatRow, { id, first }: { id: string; first: readonly ChatContent[] }) {
    const [now, title, system] = [BigInt(clock.nowMs()), from.title, from.system]
    const isNew = await insertChat(tx, {
      id,
      account_id: from.account_id,
      title: title && sealed.word(sealed.openWord(title, from.id, 'title'), id, 'title'),
      first_line: sealed.word(firstLineOf(first), id, 'first_line'),
      system: system && sealed.word(sealed.openWord(system, from.id, 'system'), id, 'system'),
      model: from.model,
      messages: 0n,
      credits: 0n,
      bytes: 0n,
      created_at_ms: now,
      updated_at_ms: now
    })
    if (!isNew) throw new AppError('conflict', `id: there is a chat "${id}" already; make a new id`)
    return now
  }

  /** One after another, for a path may be long and its messages large. */
  async function copy(tx: Tx, from: ChatRow, { id: toId, path }: { id: string; path: readonly string[] }) {
    let [parent, now] = [null as string | null, 0n]
    for (const messageId of path) {
      const row = (await readMessage(tx, from.id, messageId)) as MessageRow
      const blocks = sealed.openMessage(row)
      if (parent === null) now = await begin(tx, from, { id: toId, first: blocks })
      const { seq: _, ...rest } = row
      const id = dashed(ids.next('msg'))
      const content = sealed.message(JSON.stringify(blocks), toId, id)
      await insertMessage(tx, { ...rest, chat_id: toId, id, parent, content })
      for (const { sha256, media_type } of filesOf(blocks))
        await insertFileUse(tx, { chat_id: toId, sha256, media_type })
      parent = id
    }
    // Its messages were stored long ago, and it is new.
    await updateChat(tx, toId, { updated_at_ms: now })
  }

  return {
    /** Throws 404 where there is no such message, 409 where the new id is taken or the account has no room. */
    async fork(accountId: string, id: string, { id: toId, message }: ForkChat): Promise<Chat> {
      await db.transaction().execute(async (tx) => {
        const from = await readOwnChat(tx, accountId, id)
        if (!from) throw noChat(id)
        const path = pathTo(await readTree(tx, id), message)
        if (path.length === 0) throw new AppError('not_found', `message: the chat has no "${message}"`)
        const bytes = path.reduce((sum, each) => sum + each.bytes, 0n)
        if (bytes > FORK_BYTES_MAX) throw tooMuch('a fork', FORK_BYTES_MAX)
        if ((await readBytes(tx, accountId)) + bytes > bytesMax) throw tooMuch('your chats and their files', bytesMax)
        await copy(tx, from, { id: toId, path: path.map((each) => each.id) })
      })
      return reads.chat(accountId, toId)
    }
  }
}

function tooMuch(what: string, bytesMax: number): AppError {
  const mb = Math.floor(bytesMax / 1024 / 1024)
  return new AppError('conflict', `chats: ${what} may take up ${mb} MB; delete chats, or fork at an earlier message`)
}

/** From the root to `id`; empty where there is no such message. */
function pathTo<T extends { id: string; parent: string | null }>(tree: readonly T[], id: string): T[] {
  const messages = new Map(tree.map((each) => [each.id, each]))
  const path: T[] = []
  for (let at = messages.get(id); at; at = at.parent === null ? undefined : messages.get(at.parent)) path.push(at)
  return path.reverse()
}

function filesOf(blocks: readonly ChatContent[]): NonNullable<ChatContent['file']>[] {
  return blocks.flatMap((block) => [
    ...(block.file ? [block.file] : []),
    ...(Array.isArray(block.content) ? filesOf(block.content as ChatContent[]) : [])
  ])
}

/** `msg_` and 32 digits as a UUID is written elsewhere, for ids that clients make too. */
function dashed(id: string): string {
  return id.replace(/_(.{8})(.{4})(.{4})(.{4})(.{12})$/, '_$1-$2-$3-$4-$5')
}
