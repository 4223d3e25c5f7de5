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
  return { id, role: 'user', content: contentOf(draft), shown }
}

/** What stands for everything before it; the next message hangs below the answer that it is. */
export function summaryTurn({ id, shown }: ChatTurn): ChatTurn {
  const text = `${SUMMARY_INTRO}\n\n${shown}`
  return { id, role: 'user', content: text, shown: text }
}

export const newMessageId = (nowMs: number) => newId('msg', nowMs)
export const newChatId = (nowMs: number) => newId('chat', nowMs)

/** Names the chat to the server, which keeps the message and its answer in it. */
export function headersOf(
  chatId: string,
  {
    asked,
    answerId,
    before,
    summary
  }: { asked: ChatTurn; answerId: string; before: readonly ChatTurn[]; summary: boolean }
): Record<string, string> {
  const parent = before.at(-1)?.id
  return {
    [CHAT_HEADERS.chat]: chatId,
    [CHAT_HEADERS.message]: asked.id,
    [CHAT_HEADERS.answer]: answerId,
    ...(parent === undefined ? {} : { [CHAT_HEADERS.parent]: parent }),
    ...(summary ? { [CHAT_HEADERS.kind]: 'summary' } : {})
  }
}
