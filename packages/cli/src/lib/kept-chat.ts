import { CHAT_HEADERS } from '@caicaini/protocol'
import type { Globals } from '../context.js'
import type { Turn } from './answer.js'
import type { ApiClient } from './api-client.js'
import { contextOf, pathTo, withFiles } from './chat-path.js'
import { usageError } from './cli-error.js'
import { findChatId } from './find-chat.js'
import { newId } from './ids.js'

export interface KeepOptions {
  /** -c: the chat that was used last. */
  readonly continue?: boolean | undefined
  /** -r ID. */
  readonly resume?: string | true | undefined
  /** --save: a chat of its own; false for --no-save. */
  readonly save?: boolean | undefined
  /** --fork: in a copy of that chat, which stays as it is. */
  readonly fork?: boolean | undefined
}

/** A chat that a script's question belongs to: what stands before it, and the headers that keep it there. */
export interface KeptChat {
  readonly id: string
  readonly messages: readonly Turn[]
  readonly system: string | undefined
  readonly model: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** Undefined where nothing is to be kept. A usage error where the chat that is named is not there. */
export async function keptChat(
  { continue: last, resume, save, fork }: KeepOptions,
  { api, nowMs }: { api: ApiClient; nowMs: number }
): Promise<KeptChat | undefined> {
  if (save === false && (last || resume !== undefined))
    throw usageError('--no-save keeps nothing: it cannot go with -c or -r')
  if (resume === true) throw usageError('-r needs the id of a chat here: see `caicaini chats list`')
  if (!last && resume === undefined) {
    if (fork) throw usageError('--fork goes on in a copy of a chat: say which by -c or -r ID')
    return save ? { id: newId('chat', nowMs), ...NOTHING_BEFORE, headers: {} } : undefined
  }
  const found = resume === undefined ? await lastChat(api) : await findChatId(api, resume)
  const id = fork ? await copyOf(api, found, nowMs) : found
  const [chat, stored] = await Promise.all([api.chat(id), api.chatMessages(id)])
  const sent = await withFiles(contextOf(pathTo(stored, chat.leaf)), (sha256) => api.chatFile(id, sha256))
  const parent = sent.at(-1)?.of.id
  return {
    id,
    messages: sent.map(({ role, content }) => ({ role, content: content as Turn['content'] })),
    system: chat.system ?? undefined,
    model: chat.model ?? undefined,
    headers: parent === undefined ? {} : { [CHAT_HEADERS.parent]: parent }
  }
}

const NOTHING_BEFORE = { messages: [], system: undefined, model: undefined }

async function lastChat(api: ApiClient): Promise<string> {
  const [chat] = (await api.listChats({ limit: 1 })).chats
  if (!chat) throw usageError('-c: there is no chat to go on with yet; --save begins one')
  return chat.id
}

async function copyOf(api: ApiClient, id: string, nowMs: number): Promise<string> {
  const { leaf } = await api.chat(id)
  if (leaf === null) throw usageError('--fork: there is nothing in that chat yet')
  return (await api.forkChat(id, { id: newId('chat', nowMs), message: leaf })).id
}

/** How one goes on with a chat from the same place. */
export function goesOn(id: string, { local }: Pick<Globals, 'local'>): string {
  return `caicaini ${local ? '--local ' : ''}-r ${id} goes on with it`
}

/** What a question brings so that it and its answer are kept. */
export function keepingHeaders({ id, headers }: KeptChat, nowMs: number): Record<string, string> {
  return {
    ...headers,
    [CHAT_HEADERS.chat]: id,
    [CHAT_HEADERS.message]: newId('msg', nowMs),
    [CHAT_HEADERS.answer]: newId('msg', nowMs)
  }
}
