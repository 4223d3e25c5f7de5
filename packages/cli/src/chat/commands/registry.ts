import stringWidth from 'string-width'
import { isNamed } from '../../lib/estimate.js'
import { type Draft, expand } from '../input/chips.js'
import type { Menu } from '../input/editor.js'
import { wrapProse } from '../layout.js'
import { AGAIN } from './again.js'
import { CHATS } from './chats.js'
import type { SlashCommand, Tools } from './command.js'
import { CONTEXT } from './context.js'
import { FILES } from './files.js'
import { KEYS_HELP, LOOK } from './look.js'
import { MODEL, shortName } from './model.js'
import { MONEY } from './money.js'
import { OUT } from './out.js'

const HELP: readonly SlashCommand[] = [
  {
    name: 'keys',
    about: 'what the keys do',
    whileBusy: true,
    run: (_, { chat, store }) => chat.say(columns(KEYS_HELP, store))
  },
  {
    name: 'help',
    about: 'this list',
    whileBusy: true,
    run: (_, { chat, store }) =>
      chat.say(
        columns(
          [
            ...COMMANDS.map(({ name, takes, about }) => [takes ? `/${name} ${takes}` : `/${name}`, about] as const),
            ['/MODEL TEXT', 'send one message to another model: /opus why?']
          ],
          store
        )
      )
  }
]

/** Every command, in the order of /help. */
export const COMMANDS: readonly SlashCommand[] = [
  ...MODEL,
  ...MONEY,
  ...CONTEXT,
  ...AGAIN,
  ...CHATS,
  ...FILES,
  ...OUT,
  ...HELP,
  ...LOOK
]

/** Carries out what begins with `/`; undefined when `draft` is a message after all, such as a path of a file. */
export function runSlash(draft: Draft, tools: Tools): Promise<void> | undefined {
  const match = /^\s*\/([a-z][\w.-]*)(?:\s+([\s\S]*))?$/i.exec(draft.text)
  if (!match) return undefined
  const [, word = '', rest = ''] = match
  const command = COMMANDS.find(({ name, also = [] }) => name === word || also.includes(word))
  if (command) return carryOut(command, expand({ ...draft, text: rest }).text.trim(), tools)
  return sendTo(word, { ...draft, text: rest }, tools)
}

async function carryOut(command: SlashCommand, argument: string, tools: Tools): Promise<void> {
  const { chat } = tools
  try {
    if (chat.isBusy() && !command.whileBusy) throw new Error(`/${command.name} has to wait until the answer has ended`)
    await command.run(argument, tools)
  } catch (error) {
    chat.fail(error)
  }
}

/** `/opus why?`: one message to another model. */
async function sendTo(word: string, draft: Draft, { account, chat }: Tools): Promise<void> {
  try {
    const models = await account.models()
    if (!models.some((one) => isNamed(one, word))) {
      throw new Error(`there is no command or model /${word}: /help lists the commands, /model the models`)
    }
    if (draft.text.trim() === '')
      throw new Error(`/${word} TEXT sends one message to ${word}; /model ${word} changes to it`)
    await chat.send({ ...draft, model: word })
  } catch (error) {
    chat.fail(error)
  }
}

/** The commands and models that begin with `typed`. */
export function completeSlash(typed: string, { account }: Pick<Tools, 'account'>): Menu | undefined {
  const word = typed.slice(1)
  const items = [
    ...COMMANDS.map(({ name, about, takes }) => ({
      value: `/${name}`,
      about,
      runs: takes === undefined || takes.startsWith('[')
    })),
    ...account
      .knownModels()
      .map((model) => ({ value: `/${shortName(model)}`, about: 'one message to it', runs: false }))
  ].filter(({ value }) => value.slice(1).startsWith(word))
  // What is typed out is no longer offered.
  if (items.length === 0 || (items.length === 1 && items[0]?.value === typed)) return undefined
  return { kind: 'command', from: 0, items, index: 0 }
}

/** Two columns, the second wrapped within itself. */
function columns(rows: readonly (readonly [string, string])[], { get }: Tools['store']): string {
  const width = Math.max(...rows.map(([what]) => stringWidth(what)))
  const room = get().viewport.columns - width - 2
  // Where there is no room beside them, they stand below each other.
  if (room < 20) return rows.map(([what, about]) => `${what}\n  ${about}`).join('\n')
  return rows
    .flatMap(([what, about]) =>
      wrapProse(about, room).map((line, index) => {
        const first = index === 0 ? what : ''
        return `${first}${' '.repeat(width - stringWidth(first))}  ${line}`
      })
    )
    .join('\n')
}
