import { creditsToJson } from '@caicaini/protocol'
import type { Chat, ChatMessage } from '@caicaini/protocol/api'
import type { Sealed } from './sealed.js'
import type { ChatRow, MessageRow } from './store.js'

/** A conversation as its owner is told of it. */
export function toChat(row: ChatRow, sealed: Sealed): Chat {
  const { id, title, system } = row
  return {
    id,
    title: title === null ? null : sealed.openWord(title, id, 'title'),
    first_line: sealed.openWord(row.first_line, id, 'first_line'),
    model: row.model,
    system: system === null ? null : sealed.openWord(system, id, 'system'),
    leaf: row.leaf,
    messages: Number(row.messages),
    credits: creditsToJson(row.credits),
    created_at: instant(row.created_at_ms),
    updated_at: instant(row.updated_at_ms)
  }
}

export function toMessage(row: MessageRow, sealed: Sealed): ChatMessage {
  return {
    id: row.id,
    parent: row.parent,
    role: row.role as ChatMessage['role'],
    kind: row.kind as ChatMessage['kind'],
    state: row.state as ChatMessage['state'],
    content: sealed.openMessage(row),
    model: row.model,
    request_id: row.request_id,
    credits: row.credits === null ? null : creditsToJson(row.credits),
    created_at: instant(row.created_at_ms)
  }
}

function instant(ms: bigint): string {
  return new Date(Number(ms)).toISOString()
}
