/*
 * A call to the gateway names its chat in headers; ids are made by the client, so that it knows them
 * whatever becomes of the connection:
 *   x-caicaini-chat     the chat; the first call that names it makes it, the caller's account owns it
 *   x-caicaini-message  the id of the call's last user message; one that is stored already is not stored again
 *   x-caicaini-parent   the message that it follows; none: it begins a branch at the root
 *   x-caicaini-answer   the id that the answer is stored under
 *   x-caicaini-kind     `summary` where the answer stands for all that is above it from now on
 */
export const CHAT_HEADERS = {
  chat: 'x-caicaini-chat',
  message: 'x-caicaini-message',
  parent: 'x-caicaini-parent',
  answer: 'x-caicaini-answer',
  kind: 'x-caicaini-kind'
} as const

/** Of an answer to a call that names a chat: `saved`, or `unsaved; full`, `unsaved; gone` (deleted meanwhile), `unsaved; failed`. */
export const CHAT_SAVED_HEADER = 'caicaini-chat'
