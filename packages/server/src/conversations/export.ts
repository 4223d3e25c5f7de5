import type { Chat } from '@caicaini/protocol/api'
import { type Cell, csvLine } from '../lib/csv.js'
import type { Reads } from './reads.js'

/** Files beyond this are named in the export, not in it: it is made in memory. */
const FILES_BYTES_MAX = 128 * 1024 * 1024
const PAGE = 100

/** A file of an export, its content coming piece by piece. */
interface ExportFile {
  readonly name: string
  readonly text: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>
}

const COLUMNS = ['id', 'title', 'first_line', 'model', 'messages', 'credits', 'created_at', 'updated_at'] as const

/** All that an account keeps in conversations, for it to take along. */
export function conversationFiles(reads: Reads) {
  return async (accountId: string): Promise<readonly ExportFile[]> => {
    const files = new Map((await reads.files(accountId)).map((each) => [each.sha256, each]))
    const [within, beyond] = [[...files.values()], [] as string[]]
    for (let bytes = sumOf(within); bytes > FILES_BYTES_MAX; bytes = sumOf(within)) {
      const last = within.pop()
      if (last) beyond.push(`GET /api/chats/${last.chat_id}/files/${last.sha256}\n`)
    }
    return [
      { name: 'chats.json', text: jsonOf(reads, accountId) },
      { name: 'chats.csv', text: csvOf(reads, accountId) },
      ...within.map(({ chat_id: chatId, sha256 }) => ({
        name: `files/${sha256}`,
        text: bodyOf(reads, { accountId, chatId, sha256 })
      })),
      ...(beyond.length > 0 ? [{ name: 'files/too-many.txt', text: beyond }] : [])
    ]
  }
}

function sumOf(files: readonly { bytes: bigint }[]): number {
  return files.reduce((sum, { bytes }) => sum + Number(bytes), 0)
}

async function* allOf(reads: Reads, accountId: string): AsyncGenerator<Chat> {
  let before: string | undefined
  do {
    const { chats, next } = await reads.list({ accountId, before, limit: PAGE })
    yield* chats
    before = next ?? undefined
  } while (before !== undefined)
}

async function* jsonOf(reads: Reads, accountId: string): AsyncGenerator<string> {
  let separator = '[\n'
  for await (const chat of allOf(reads, accountId)) {
    // Its number of messages makes way for them.
    const { messages: _, ...rest } = chat
    yield `${separator}${JSON.stringify(rest).slice(0, -1)},"messages":[`
    yield* messagesOf(reads, accountId, chat.id)
    yield ']}'
    separator = ',\n'
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n'
}

async function* messagesOf(reads: Reads, accountId: string, id: string): AsyncGenerator<string> {
  let [after, separator] = [undefined as string | undefined, '']
  do {
    const { messages, next } = await reads.messages(accountId, id, { after, limit: PAGE })
    for (const message of messages) {
      yield `${separator}${JSON.stringify(message)}`
      separator = ','
    }
    after = next ?? undefined
  } while (after !== undefined)
}

async function* csvOf(reads: Reads, accountId: string): AsyncGenerator<string> {
  yield csvLine(COLUMNS)
  for await (const chat of allOf(reads, accountId)) yield csvLine(COLUMNS.map((column): Cell => chat[column]))
}

async function* bodyOf(reads: Reads, ask: Parameters<Reads['file']>[0]): AsyncGenerator<Uint8Array> {
  yield (await reads.file(ask)).body
}
