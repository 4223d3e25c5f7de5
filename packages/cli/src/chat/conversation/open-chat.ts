import type { ChatContent, ChatMessage, Chat as StoredChat } from '@caicaini/protocol/api'
import type { ContentBlock } from '../../lib/answer.js'
import { type ContextMessage, contextOf, pathTo, withFiles } from '../../lib/chat-path.js'
import { loadHighlighter } from '../../markdown/highlight.js'
import { limitsOf } from '../../markdown/render.js'
import { advance, finish, newMarkdownStream } from '../../markdown/stream.js'
import type { BlockContent } from '../state/blocks.js'
import type { ChatTurn } from '../state/conversation.js'
import { markdownLook } from '../state/session.js'
import type { Store } from '../state/store.js'
import type { Account } from './account.js'

/** How much of a chat is shown again when it is opened. */
const SHOWN_MESSAGES = 20
const SHOWN_ROWS = 24

/** Makes a stored chat the one that is gone on with; `shown`: its last messages are printed again. */
export async function openChat(
  chat: Pick<StoredChat, 'id' | 'title' | 'system' | 'model' | 'leaf'>,
  { account, store }: { account: Account; store: Store },
  { shown }: { shown: boolean }
): Promise<void> {
  const messages = await account.api().chatMessages(chat.id)
  const path = pathTo(messages, chat.leaf)
  const sent = await withFiles(contextOf(path), (sha256) => account.api().chatFile(chat.id, sha256))
  const turns = sent.map(toTurn)
  if (shown) {
    // Without it code has one colour.
    await loadHighlighter().catch(() => {})
    for (const message of path.slice(-SHOWN_MESSAGES)) printMessage(message, store)
  }
  store.dispatch({
    type: 'conversation',
    change: { id: chat.id, title: chat.title ?? undefined, system: chat.system ?? undefined, saved: true, turns }
  })
  if (chat.model !== null) store.dispatch({ type: 'model', name: chat.model })
}

function toTurn({ of, role, content }: ContextMessage): ChatTurn {
  const shown = textOf(content)
  const isText = content.every(({ type }) => type === 'text')
  return {
    id: of.id,
    role,
    // Blocks go back as they came.
    content: isText ? shown : (content as readonly ContentBlock[]),
    shown,
    model: of.model ?? undefined,
    credits: of.credits ?? undefined
  }
}

/** A message as people read it. */
export function textOf(content: readonly ChatContent[]): string {
  return content
    .flatMap(({ type, text, file }) =>
      file ? [`[${file.name ?? file.media_type}]`] : type === 'text' ? [text ?? ''] : []
    )
    .join('\n')
}

function printMessage({ role, content }: ChatMessage, store: Store): void {
  const text = textOf(content)
  const print = (printed: BlockContent) => store.dispatch({ type: 'print', content: printed })
  if (role === 'user') {
    print({ kind: 'question', text })
    return
  }
  const limits = limitsOf(markdownLook(store.get()), SHOWN_ROWS)
  const { stream, finished } = advance(newMarkdownStream(), text, limits)
  for (const piece of [...finished, ...finish(stream)]) print({ kind: 'markdown', piece })
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** `just now`, `5 min ago`, `3 h ago`, `2 days ago`, then the date. */
export function ageText(at: string, nowMs: number): string {
  const ageMs = nowMs - Date.parse(at)
  if (ageMs < MINUTE_MS) return 'just now'
  if (ageMs < HOUR_MS) return `${Math.floor(ageMs / MINUTE_MS)} min ago`
  if (ageMs < DAY_MS) return `${Math.floor(ageMs / HOUR_MS)} h ago`
  const days = Math.floor(ageMs / DAY_MS)
  return days < 30 ? `${days} ${days === 1 ? 'day' : 'days'} ago` : at.slice(0, 10)
}
