import { CHAT_SAVED_HEADER } from '@caicaini/protocol'

const WHY: Readonly<Record<string, string>> = {
  full: 'your chats take all the room that an account has: caicaini chats delete makes some',
  gone: 'the chat was deleted meanwhile',
  failed: 'the server could not write it down'
}

/** That an answer is not kept though it was to be, and why; undefined where all is well. */
export function unkeptNotice(headers: Readonly<Record<string, string>>): string | undefined {
  const [state, why = ''] = (headers[CHAT_SAVED_HEADER] ?? '').split(';').map((part) => part.trim())
  return state === 'unsaved' ? `This answer is not kept: ${WHY[why] ?? 'the server does not say why'}.` : undefined
}
