import type { Chat, ChatMessage } from '@caicaini/protocol/api'
import { pathTo } from '../../lib/chat-path.js'
import type { ChatTurn } from '../state/conversation.js'
import type { Session } from '../state/session.js'
import type { Account } from './account.js'

export interface WholeChat {
  readonly chat: Chat
  readonly messages: readonly ChatMessage[]
}

/** The chat as the server has it, or, where it is not kept, as it is here. */
export async function wholeChat(session: Session, account: Account, nowMs: number): Promise<WholeChat> {
  const { id, saved } = session.conversation
  if (!saved) return fromSession(session, nowMs)
  const [chat, messages] = await Promise.all([account.api().chat(id), account.api().chatMessages(id)])
  return { chat, messages: pathTo(messages, chat.leaf) }
}

function fromSession({ conversation, model }: Session, nowMs: number): WholeChat {
  const { id, title = null, system = null, turns } = conversation
  const now = new Date(nowMs).toISOString()
  const credits = turns.reduce((sum, turn) => sum + Math.round((turn.credits ?? 0) * 1e6), 0) / 1e6
  const chat: Chat = {
    id,
    title,
    first_line: turns[0]?.shown.split('\n')[0] ?? '',
    model,
    system,
    leaf: turns.at(-1)?.id ?? null,
    messages: turns.length,
    credits,
    created_at: now,
    updated_at: now
  }
  return { chat, messages: turns.map((turn, index) => toMessage(turn, turns[index - 1]?.id ?? null, now)) }
}

function toMessage({ id, role, shown, model, credits }: ChatTurn, parent: string | null, now: string): ChatMessage {
  return {
    id,
    parent,
    role,
    kind: 'turn',
    state: 'complete',
    content: [{ type: 'text', text: shown }],
    model: model ?? null,
    request_id: null,
    credits: credits ?? null,
    created_at: now
  }
}
