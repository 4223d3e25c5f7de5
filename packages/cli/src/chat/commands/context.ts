import { creditsOf, isNamed, priceOf, textTokens } from '../../lib/estimate.js'
import { creditsPhrase, grouped } from '../../lib/money-text.js'
import { contextTokens, turnsTokens } from '../state/estimate.js'
import type { SlashCommand, Tools } from './command.js'

const COMPACT_PROMPT =
  'Summarise our conversation so far for yourself, so that you can go on with it from the summary alone: what was ' +
  'asked for, what was decided and why, names, figures, code and files that matter, and what is still open. ' +
  'Write only the summary.'
const SUMMARY_TOKENS = 800
const BAR_COLUMNS = 20

export const CONTEXT: readonly SlashCommand[] = [
  {
    name: 'context',
    about: 'how full the context is, and of what',
    whileBusy: true,
    run: (_, tools) => tellContext(tools)
  },
  {
    name: 'compact',
    about: 'let a summary stand for the conversation so far',
    run: (_, tools) => compact(tools)
  },
  {
    name: 'system',
    takes: '[TEXT]',
    about: 'show or set the instructions that stand before the conversation; /system - removes them',
    run(text, { store, chat }) {
      if (text === '') {
        const { system } = store.get().conversation
        return chat.say(system === undefined ? 'there is no system prompt: /system TEXT sets one' : `system: ${system}`)
      }
      store.dispatch({ type: 'conversation', change: { system: text === '-' ? undefined : text } })
      chat.say(text === '-' ? 'system prompt removed' : 'system prompt set')
    }
  }
]

async function tellContext({ account, store, chat }: Tools): Promise<void> {
  const { conversation, model } = store.get()
  const models = await account.models()
  const window = models.find((one) => isNamed(one, model))?.context_window
  const { turns, system } = conversation
  const files = turns.filter(({ content }) => typeof content !== 'string')
  const own = turns.filter(({ role }) => role === 'user' && !files.some((file) => file.role === role))
  const answers = turns.filter(({ role }) => role === 'assistant')
  const total = contextTokens({ conversation })
  const lines = [
    window === undefined
      ? `about ${grouped(total)} tokens`
      : `${bar(total / window)} about ${grouped(total)} of ${grouped(window)} tokens (${percent(total / window)})`,
    ...(system === undefined ? [] : [`  system prompt  ${grouped(textTokens(system))}`]),
    `  your messages  ${grouped(turnsTokens(own))} in ${own.length}`,
    ...(files.length === 0 ? [] : [`  with files     ${grouped(turnsTokens(files))} in ${files.length}`]),
    `  answers        ${grouped(turnsTokens(answers))} in ${answers.length}`
  ]
  chat.say(lines.join('\n'))
}

async function compact({ account, store, chat, dialogs }: Tools): Promise<void> {
  const { conversation, model } = store.get()
  if (conversation.turns.length < 2) throw new Error('there is nothing to compact yet')
  const before = contextTokens({ conversation })
  const price = priceOf(await account.models(), model)
  const cost = price && creditsOf({ input: before, output: SUMMARY_TOKENS }, price)
  const about = cost === undefined ? '' : ` It will cost about ${creditsPhrase(Math.round(cost * 100) / 100)}.`
  const text = `Summarise ${conversation.turns.length} messages (about ${grouped(before)} tokens)?${about}`
  if (!(await dialogs.confirm({ text, yes: 'Enter summarises', no: 'Esc leaves it' }))) return
  const how = await chat.summarise(COMPACT_PROMPT)
  if (how?.kind !== 'complete') return
  chat.say(`The summary stands for what was above: about ${grouped(contextTokens(store.get()))} tokens now.`)
}

function bar(share: number): string {
  const full = Math.min(BAR_COLUMNS, Math.ceil(share * BAR_COLUMNS))
  return '█'.repeat(full) + '░'.repeat(BAR_COLUMNS - full)
}

function percent(share: number): string {
  return share < 0.01 ? 'under 1 %' : `${Math.round(share * 100)} %`
}
