import type { Chat, ChatContent, ChatMessage } from '@caicaini/protocol/api'

/** A chat as the server tells it. */
export function playedChat(changes: Partial<Chat> = {}): Chat {
  return {
    id: 'chat_019a8f21-77c3-7000-8000-000000000001',
    title: null,
    first_line: 'why is the sky blue?',
    model: 'claude-haiku-4-5',
    system: null,
    leaf: null,
    messages: 2,
    credits: 2.76,
    created_at: '2026-11-21T10:00:00.000Z',
    updated_at: '2026-11-21T10:05:00.000Z',
    ...changes
  }
}

/** A message of one, its content one text where a text is given. */
export function chatMessage(
  changes: Omit<Partial<ChatMessage>, 'content'> & { readonly content?: string | ChatContent[] }
): ChatMessage {
  const { content = 'hi', ...rest } = changes
  return {
    id: 'msg_1',
    parent: null,
    role: 'user',
    kind: 'turn',
    state: 'complete',
    model: rest.role === 'assistant' ? 'claude-haiku-4-5' : null,
    request_id: null,
    credits: rest.role === 'assistant' ? 0.35 : null,
    created_at: '2026-11-21T10:00:00.000Z',
    ...rest,
    content: typeof content === 'string' ? [{ type: 'text', text: content }] : content
  }
}
