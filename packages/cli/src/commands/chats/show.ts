import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { chatMarkdown } from '../../lib/chat-markdown.js'
import { pathTo } from '../../lib/chat-path.js'
import { findChatId } from '../../lib/find-chat.js'
import { counted } from '../../lib/money-text.js'
import { neutralise, toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<id>', 'the chat, as in `caicaini chats list`')
    .option('--json', 'the chat and all of its messages as JSON')
    .action((id: string, options: Options) => run(id, options, context()))
}

/** What was said on the way to the newest message. */
export async function run(text: string, { json }: Options, context: Context): Promise<void> {
  const { io } = context
  const api = await context.api()
  const id = await findChatId(api, text)
  const [chat, messages] = await Promise.all([api.chat(id), api.chatMessages(id)])
  if (json) return io.write(toJsonLine({ ...chat, messages }))
  const path = pathTo(messages, chat.leaf)
  await io.write(neutralise(chatMarkdown(chat, path)))
  const others = messages.length - path.length
  if (others > 0) io.err(`${counted(others, 'message')} more in other branches: --json has all of them.\n`)
}
