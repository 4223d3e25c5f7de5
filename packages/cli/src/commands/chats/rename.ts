import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { findChatId } from '../../lib/find-chat.js'
import { neutraliseLine, toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<id>', 'the chat, as in `caicaini chats list`')
    .argument('<title...>', 'its title from now on, at most 120 characters')
    .option('--json', 'the chat as JSON')
    .action((id: string, words: string[], options: Options) => run(id, words.join(' '), options, context()))
}

export async function run(text: string, title: string, { json }: Options, context: Context): Promise<void> {
  const api = await context.api()
  const chat = await api.renameChat(await findChatId(api, text), title)
  if (json) return context.io.out(toJsonLine(chat))
  context.io.err(`${neutraliseLine(`Chat ${chat.id} is "${chat.title}" now`)}.\n`)
}
