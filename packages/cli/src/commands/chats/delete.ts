import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { chatName } from '../../lib/chat-markdown.js'
import { usageError } from '../../lib/cli-error.js'
import { confirmed } from '../../lib/confirm.js'
import { findChatId } from '../../lib/find-chat.js'
import { counted } from '../../lib/money-text.js'
import { neutraliseLine } from '../../lib/sanitize.js'

export interface Options {
  readonly yes?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<id...>', 'the chats, as in `caicaini chats list`')
    .option('--yes', 'do not ask')
    .action((ids: string[], options: Options) => run(ids, options, context()))
}

/** All of them are looked up before one is deleted: a slip deletes nothing. */
export async function run(texts: readonly string[], { yes }: Options, context: Context): Promise<void> {
  const { io } = context
  if (!yes && !io.stdinIsTty) throw usageError('deleting is for good: say --yes where nobody can be asked')
  const api = await context.api()
  const ids = new Set<string>()
  for (const text of texts) ids.add(await findChatId(api, text))
  const chats = await Promise.all([...ids].map((id) => api.chat(id)))
  if (!yes) {
    for (const chat of chats) io.err(`${neutraliseLine(`  ${chat.id}  ${chatName(chat)}`)}\n`)
    if (!(await confirmed(`Delete ${counted(chats.length, 'chat')} for good?`, io)))
      return io.err('Nothing was deleted.\n')
  }
  for (const { id } of chats) await api.deleteChat(id)
  io.err(`${counted(chats.length, 'chat')} deleted.\n`)
}
