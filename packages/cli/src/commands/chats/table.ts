import type { Chat } from '@caicaini/protocol/api'
import stringWidth from 'string-width'
import type { ApiClient } from '../../lib/api-client.js'
import { chatName } from '../../lib/chat-markdown.js'
import { cutTo, fittingTable, table, widthOf } from '../../lib/format.js'
import type { Io } from '../../lib/io.js'
import { grouped, showCredits } from '../../lib/money-text.js'
import { neutraliseLine, toJsonLine } from '../../lib/sanitize.js'

const PAGE_MAX = 100
/** `chat_` and the milliseconds of its making: enough to find it by. */
const ID_CHARS = 18
const NAME_WIDTH_MIN = 12

export interface ListAsk {
  readonly search?: string | undefined
  readonly limit: number
  readonly json?: boolean | undefined
}

/** Prints the chats that were used last, one a line. */
export async function printChats(api: ApiClient, { search, limit, json }: ListAsk, io: Io): Promise<void> {
  const chats: Chat[] = []
  let before: string | null = null
  do {
    const page = await api.listChats({
      limit: Math.min(limit - chats.length, PAGE_MAX),
      ...(search !== undefined && { search }),
      ...(before !== null && { before })
    })
    if (json) for (const chat of page.chats) await io.write(toJsonLine(chat))
    chats.push(...page.chats)
    before = page.next
  } while (before !== null && chats.length < limit)
  if (json) return
  if (chats.length === 0) return io.err(search === undefined ? 'No chats yet.\n' : 'No chat has these words.\n')
  io.out(chatTable(chats, io.columns))
}

const COLUMNS = [
  { title: 'CHAT' },
  { title: 'USED' },
  { title: 'MODEL', drop: 3 },
  { title: 'MESSAGES', align: 'right', drop: 2 },
  { title: 'CREDITS', align: 'right', drop: 1 },
  { title: 'TITLE' }
] as const

/** The title comes last, and is cut to what room there is for it. */
export function chatTable(chats: readonly Chat[], width: number | undefined): string {
  const rows = chats.map((chat) => [
    chat.id.slice(0, ID_CHARS),
    chat.updated_at.slice(0, 16).replace('T', ' '),
    chat.model ?? '–',
    grouped(chat.messages),
    showCredits(chat.credits, 4),
    neutraliseLine(chatName(chat))
  ])
  if (width === undefined) return table(COLUMNS, rows)
  const names = rows.map((row) => row.at(-1) ?? '')
  const shortest = fittingTable(COLUMNS, cutNames(rows, NAME_WIDTH_MIN), width)
  const longest = Math.max(...names.map((name) => Math.min(NAME_WIDTH_MIN, stringWidth(name))))
  const room = Math.max(NAME_WIDTH_MIN, width - widthOf(shortest) + longest)
  return fittingTable(COLUMNS, cutNames(rows, room), width)
}

function cutNames(rows: readonly (readonly string[])[], width: number): string[][] {
  return rows.map((row) => [...row.slice(0, -1), cutTo(row.at(-1) ?? '', width)])
}
