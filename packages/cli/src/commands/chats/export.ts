import { type Command, Option } from 'commander'
import type { Context } from '../../context.js'
import { chatMarkdown } from '../../lib/chat-markdown.js'
import { pathTo } from '../../lib/chat-path.js'
import { findChatId } from '../../lib/find-chat.js'
import { writeStream } from '../../lib/out-file.js'
import { toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly format: 'md' | 'json'
  readonly output?: string
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<id>', 'the chat, as in `caicaini chats list`')
    .addOption(
      new Option('--format <format>', 'md has the newest branch, json every message')
        .choices(['md', 'json'])
        .default('md')
    )
    .option('-o, --output <file>', 'write there, whole or not at all; stdout when left out')
    .addHelpText('after', '\nExample:\n  caicaini chats export chat_019a8f21-77c3 -o walrus.md')
    .action((id: string, options: Options) => run(id, options, context()))
}

export async function run(text: string, { format, output }: Options, context: Context): Promise<void> {
  const api = await context.api()
  const id = await findChatId(api, text)
  const [chat, messages] = await Promise.all([api.chat(id), api.chatMessages(id)])
  const whole = format === 'json' ? toJsonLine({ ...chat, messages }) : chatMarkdown(chat, pathTo(messages, chat.leaf))
  await writeStream(piecesOf(whole), { output, context })
}

async function* piecesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
