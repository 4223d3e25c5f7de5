import { AppError, CHAT_HEADERS } from '@caicaini/protocol'
import { ChatId, MessageId, MessageKind } from '@caicaini/protocol/api'
import type { Place } from '../../conversations/turns.js'
import { invalid, isObject, type JsonObject } from '../request/value.js'
import type { TurnAsk } from './turn.js'

/** Where the call's headers put it in a chat; null where they name none. */
export function placeOf({ principal, headers, request }: TurnAsk): Place | null {
  const chatId = headers.get(CHAT_HEADERS.chat)
  if (chatId === null) {
    refuseStray(headers)
    return null
  }
  refuseScope(principal)
  if (request.format !== 'messages')
    throw invalid(CHAT_HEADERS.chat, 'is read by POST /v1/messages alone; ask there, or leave it out')
  const kind = MessageKind.safeParse(headers.get(CHAT_HEADERS.kind) ?? 'turn')
  if (!kind.success) throw invalid(CHAT_HEADERS.kind, `must be ${MessageKind.options.join(' or ')}`)
  const named = headers.get(CHAT_HEADERS.parent)
  const place = {
    accountId: principal.account.id,
    chatId: checked(ChatId, CHAT_HEADERS.chat, chatId),
    messageId: checked(MessageId, CHAT_HEADERS.message, headers.get(CHAT_HEADERS.message)),
    answerId: checked(MessageId, CHAT_HEADERS.answer, headers.get(CHAT_HEADERS.answer)),
    parent: named === null ? null : checked(MessageId, CHAT_HEADERS.parent, named),
    kind: kind.data
  }
  const { messageId, answerId, parent } = place
  if (new Set([messageId, answerId, parent]).size !== 3)
    throw invalid(CHAT_HEADERS.message, `${CHAT_HEADERS.answer} and ${CHAT_HEADERS.parent} must be three different ids`)
  return place
}

/** The headers have no meaning without the chat: a client that sends them thinks that its words are kept. */
export function refuseStray(headers: Pick<Headers, 'get'>): void {
  for (const name of Object.values(CHAT_HEADERS)) {
    if (headers.get(name) !== null) throw invalid(name, `stands beside ${CHAT_HEADERS.chat} in POST /v1/messages alone`)
  }
}

function refuseScope({ key }: TurnAsk['principal']): void {
  if (key.scope !== 'api') return
  const mend = 'take one of scope "cli" (caicaini auth login makes it), a browser session, or --local'
  throw new AppError('scope', `${CHAT_HEADERS.chat}: a key of scope "api" keeps no chats; ${mend}`)
}

function checked(schema: typeof ChatId, name: string, value: string | null): string {
  if (value === null) throw invalid(name, `is missing; it stands beside ${CHAT_HEADERS.chat}`)
  const { success, error } = schema.safeParse(value)
  if (!success) throw invalid(name, error.issues[0]?.message ?? 'is no id')
  return value
}

/** What the call's last user message says. */
export function lastUserMessage({ messages }: JsonObject): unknown {
  const last = Array.isArray(messages)
    ? messages.findLast((message) => isObject(message) && message.role === 'user')
    : undefined
  if (!isObject(last)) throw invalid('messages', `must have a user message where ${CHAT_HEADERS.chat} is named`)
  return last.content
}
