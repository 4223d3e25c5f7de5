import type { Model } from '@caicaini/protocol/api'
import type { ApiClient } from '../lib/api-client.js'
import { showCredits } from '../lib/money-text.js'
import { type Action, type Session, sessionTotal } from './session.js'

export type SlashCommand =
  | { readonly name: 'model'; readonly argument: string }
  | { readonly name: 'cost' | 'help' | 'quit' }
  | { readonly name: 'unknown'; readonly word: string }

const ABOUT = [
  ['/model [NAME]', 'the models and their prices, or change to one'],
  ['/cost', 'what this session was billed'],
  ['/help', 'this'],
  ['/quit, /exit', 'leave (Ctrl-D on an empty line, Ctrl-C twice)'],
  ['Enter', 'send; \\ then Enter, or Ctrl-J: a new line'],
  ['Esc', 'stop the answer; what was delivered is billed'],
  ['↑ ↓', 'earlier messages']
] as const

/** The command that `text` is; undefined when it is a message. */
export function parseSlash(text: string): SlashCommand | undefined {
  const match = /^\/([a-z-]+)(?:\s+(.*))?$/.exec(text.trim())
  if (!match) return undefined
  const [, word = '', argument = ''] = match
  if (word === 'model') return { name: 'model', argument: argument.trim() }
  if (word === 'cost' || word === 'help' || word === 'quit') return { name: word }
  if (word === 'exit') return { name: 'quit' }
  return { name: 'unknown', word }
}

/** What a command changes and shows. */
export async function carryOut(
  command: SlashCommand,
  { api, session }: { api: Pick<ApiClient, 'models'>; session: Session }
): Promise<Action[]> {
  switch (command.name) {
    case 'model':
      return chooseModel(command.argument, { api, session })
    case 'cost':
      return [{ type: 'notice', text: `this session: ${sessionTotal(session)}` }]
    case 'help':
      return [{ type: 'notice', text: helpText() }]
    case 'quit':
      return []
    case 'unknown':
      return [{ type: 'error', text: `there is no /${command.word}: /help lists the commands` }]
  }
}

async function chooseModel(
  name: string,
  { api, session }: { api: Pick<ApiClient, 'models'>; session: Session }
): Promise<Action[]> {
  try {
    // What serves something else has a route of its own.
    const models = (await api.models()).filter(({ serves }) => serves === undefined)
    if (!name) return [{ type: 'notice', text: modelsText(models, session.model) }]
    if (!models.some((one) => isNamed(one, name))) {
      return [{ type: 'error', text: `no model is named "${name}": /model lists them` }]
    }
    return [
      { type: 'model', name },
      { type: 'notice', text: `model ${name}` }
    ]
  } catch (error) {
    return [{ type: 'error', text: (error as Error).message }]
  }
}

function helpText(): string {
  const width = Math.max(...ABOUT.map(([what]) => what.length))
  return ABOUT.map(([what, about]) => `${what.padEnd(width)}  ${about}`).join('\n')
}

/** One line a model: `* haiku  in 1,000 · out 5,000`, the star at the one in use. */
function modelsText(models: readonly Model[], current: string): string {
  const lines = models.map((model) => {
    const mark = isNamed(model, current) ? '*' : ' '
    const price = model.price
      ? `in ${showCredits(model.price.input)} · out ${showCredits(model.price.output)}`
      : 'as chosen'
    return `${mark} ${model.aliases[0] ?? model.id}  ${price}`
  })
  return `${lines.join('\n')}\nCredits per million tokens. /model NAME changes.`
}

/** Whether `name` is the model's id or one of its other names. */
export function isNamed({ id, aliases }: Pick<Model, 'id' | 'aliases'>, name: string): boolean {
  return [id, ...aliases].some((one) => one === name || one === `caicaini/${name}`)
}
