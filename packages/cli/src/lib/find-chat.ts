import { EXIT } from '@caicaini/protocol'
import type { ApiClient } from './api-client.js'
import { CliError, usageError } from './cli-error.js'

const WHOLE = /^chat_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const PREFIX = /^chat_[0-9a-f][0-9a-f-]{7,35}$/

/** The id that is meant: itself, or the only one that begins so. */
export async function findChatId(api: ApiClient, text: string): Promise<string> {
  if (WHOLE.test(text)) return text
  if (!PREFIX.test(text))
    throw usageError(`"${text}" is no chat: give an id of \`caicaini chats list\`, or 8 characters of it after chat_`)
  const { chats } = await api.listChats({ id: text, limit: 2 })
  const [only, ...more] = chats
  if (!only) throw new CliError(EXIT.usage, `no chat's id begins with "${text}": see \`caicaini chats list\``)
  if (more.length > 0) throw usageError(`several chats' ids begin with "${text}": give more of it`)
  return only.id
}
