import { CHAT_HEADERS } from '@caicaini/protocol'
import type { Content, ContentBlock } from '../../lib/answer.js'
import { blockOf } from '../../lib/attach.js'
import { SUMMARY_INTRO } from '../../lib/chat-path.js'
import { newId } from '../../lib/ids.js'
import { type Draft, expand } from '../input/chips.js'
import type { ChatTurn } from '../state/conversation.js'

/** What a draft is sent as: its text alone, or files first and the text that speaks of them after. */
export function contentOf(draft: Draft): Content {
  const { text, files } = expand(draft)
  if (files.length === 0) return text
  const said: ContentBlock[] = text.trim() === '' ? [] : [{ type: 'text', text }]
  return [...files.map(blockOf), ...said]
}

export function userTurn({ shown, draft }: { shown: string; draft: Draft }, id: string): ChatTurn {
  return { id, role: 'user', content: contentOf(draft), shown, draft }
}

/** What stands for everything before it; the next message hangs below the answer that it is. */
export function summaryTurn({ id, shown }: ChatTurn): ChatTurn {
  const text = `${SUMMARY_INTRO}\n\n${shown}`
  return { id, role: 'user', content: text, shown: text }
}

export const newMessageId = (nowMs: number) => newId('msg', nowMs)
export const newChatId = (nowMs: number) => newId('chat', nowMs)

/** Where a message and its answer are kept. */
export interface Place {
  readonly chatId: string
  readonly asked: string
  readonly answer: string
  /** What the message follows; undefined = it begins the chat. */
  readonly parent: string | undefined
  readonly summary: boolean
}

/** Names the chat to the server, which keeps the message and its answer in it. */
export function headersOf({ chatId, asked, answer, parent, summary }: Place): Record<string, string> {
  return {
    [CHAT_HEADERS.chat]: chatId,
    [CHAT_HEADERS.message]: asked,
    [CHAT_HEADERS.answer]: answer,
    ...(parent === undefined ? {} : { [CHAT_HEADERS.parent]: parent }),
    ...(summary ? { [CHAT_HEADERS.kind]: 'summary' } : {})
  }
}
