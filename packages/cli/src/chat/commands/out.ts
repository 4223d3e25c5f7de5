import { writeFile } from 'node:fs/promises'
import { pathOf } from '../../lib/attach.js'
import { chatMarkdown } from '../../lib/chat-markdown.js'
import { codeBlocks } from '../../lib/code-blocks.js'
import { counted } from '../../lib/money-text.js'
import { wholeChat } from '../conversation/export.js'
import { copyBySystem, copySequence } from '../files/clipboard.js'
import type { SlashCommand, Tools } from './command.js'

export const OUT: readonly SlashCommand[] = [
  {
    name: 'copy',
    takes: '[N|code]',
    about: 'copy the last answer, the one N answers back, or its last code block',
    whileBusy: true,
    run: (what, tools) => copy(what, tools)
  },
  {
    name: 'save',
    takes: 'FILE',
    about: 'write the last answer into a file',
    whileBusy: true,
    async run(file, tools) {
      if (file === '') throw new Error('/save FILE: say where to')
      await write(file, `${answerText(1, tools)}\n`, tools)
    }
  },
  {
    name: 'export',
    takes: 'md|json [FILE]',
    about: 'write the whole chat as Markdown or JSON',
    whileBusy: true,
    async run(argument, tools) {
      const [format = '', ...rest] = argument.split(/\s+/)
      if (format !== 'md' && format !== 'json') throw new Error('/export md or /export json, then a file if you like')
      const { conversation } = tools.store.get()
      if (conversation.turns.length === 0) throw new Error('there are no messages yet')
      const whole = await wholeChat(tools.store.get(), tools.account, tools.context.clock.nowMs())
      const text = format === 'json' ? `${JSON.stringify(whole, null, 2)}\n` : chatMarkdown(whole.chat, whole.messages)
      const file = rest.join(' ') || `caicaini-${conversation.id.slice(-8)}.${format}`
      await write(file, text, tools)
    }
  }
]

async function copy(what: string, tools: Tools): Promise<void> {
  const { context, chat, sequence } = tools
  const text = what === 'code' ? lastCode(answerText(1, tools)) : answerText(what === '' ? 1 : Number(what), tools)
  sequence(copySequence(text, context))
  const bySystem = await copyBySystem(text, context)
  const how = bySystem ? '' : ', if this terminal lets programs (OSC 52)'
  chat.say(`copied ${counted(text.split('\n').length, 'line')}${how}`)
}

/** The answer `back` answers back, 1 = the last. */
function answerText(back: number, { store }: Tools): string {
  const answers = store.get().conversation.turns.filter(({ role }) => role === 'assistant')
  const answer = Number.isInteger(back) && back > 0 ? answers.at(-back) : undefined
  if (answer) return answer.shown
  throw new Error(
    answers.length === 0 ? 'there is no answer yet' : `there are ${answers.length} answers: /copy 1 is the last`
  )
}

function lastCode(text: string): string {
  const code = codeBlocks(text).at(-1)
  if (code === undefined) throw new Error('the last answer has no code block')
  return code.replace(/\n$/, '')
}

async function write(file: string, text: string, { context, chat, cwd }: Tools): Promise<void> {
  const path = pathOf(file, { env: context.env, cwd })
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new Error(`${path} is there already: name another`)
    throw error
  }
  chat.say(`written to ${path}`)
}
