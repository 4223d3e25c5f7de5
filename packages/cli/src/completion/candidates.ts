import { Command, type Option } from 'commander'
import type { Entry } from '../command-table.js'
import type { Context } from '../context.js'
import { SETTINGS } from '../lib/config.js'
import { listTemplates } from '../lib/templates.js'
import { SHELLS } from '../lib/tool-env.js'
import { defineGlobalOptions, definePromptOptions } from '../root-options.js'

/** A word that could stand next, and what it is. */
export interface Candidate {
  readonly word: string
  readonly about: string
}

/** Every command there is. */
export interface Table {
  readonly commands: Readonly<Record<string, Entry>>
  readonly groups: Readonly<Record<string, string>>
}

/** A shell waits for this at every Tab. */
const NETWORK_LIMIT_MS = 1_500
const CHATS_MAX = 30

/** What could stand in place of the last of `words`; none where it is a file's name, or anything. */
export async function candidates(
  words: readonly string[],
  { table, context }: { table: Table; context: Context }
): Promise<Candidate[]> {
  const partial = words.at(-1) ?? ''
  const { path, rest } = splitPath(words.slice(0, -1), table)
  if (rest.includes('--')) return []
  const options = await optionsAt(path, { table, context })
  const before = rest.at(-1)
  const valued = before === undefined ? undefined : options.find((one) => one.short === before || one.long === before)
  const found =
    valued && (valued.required || (valued.optional && !partial.startsWith('-')))
      ? await valuesOf(valued, context)
      : partial.startsWith('-')
        ? options.map(({ long, short, description }) => ({ word: long ?? short ?? '', about: description }))
        : [...commandsBelow(path, rest.length, table), ...(await argumentsOf(path, context))]
  return found.filter(({ word }) => word.startsWith(partial) && word !== '')
}

/** The words of a command at the beginning, and what follows them. */
function splitPath(words: readonly string[], { commands, groups }: Table): { path: string; rest: string[] } {
  let path = ''
  let at = 0
  for (; at < words.length; at++) {
    const longer = path === '' ? (words[at] ?? '') : `${path} ${words[at]}`
    if (!(longer in commands) && !(longer in groups)) break
    path = longer
  }
  return { path, rest: words.slice(at) }
}

async function optionsAt(
  path: string,
  { table, context }: { table: Table; context: Context }
): Promise<readonly Option[]> {
  const command = new Command().helpOption('-h, --help')
  if (path === '') definePromptOptions(command)
  else (await table.commands[path]?.load())?.define(command, () => context)
  return defineGlobalOptions(command).options
}

/** The commands and groups one level below. */
function commandsBelow(path: string, behind: number, { commands, groups }: Table): Candidate[] {
  if (behind > 0) return []
  const depth = path === '' ? 0 : path.split(' ').length
  const below = new Map<string, string>()
  for (const each of [...Object.keys(groups), ...Object.keys(commands)]) {
    if (path !== '' && !each.startsWith(`${path} `)) continue
    const word = each.split(' ')[depth]
    const whole = path === '' ? word : `${path} ${word}`
    if (word) below.set(word, groups[whole ?? ''] ?? commands[whole ?? '']?.summary ?? '')
  }
  return [...below].map(([word, about]) => ({ word, about }))
}

async function valuesOf(option: Option, context: Context): Promise<Candidate[]> {
  if (option.argChoices) return option.argChoices.map((word) => ({ word, about: '' }))
  switch (option.long) {
    case '--model':
      return modelNames(context)
    case '--resume':
      return chatIds(context)
    case '--template':
      return templates(context)
    case '--output-format':
      return ['text', 'json', 'stream-json'].map((word) => ({ word, about: '' }))
    default:
      return []
  }
}

async function argumentsOf(path: string, context: Context): Promise<Candidate[]> {
  switch (path) {
    case 'chats show':
    case 'chats rename':
    case 'chats export':
    case 'chats delete':
      return chatIds(context)
    case 'templates show':
    case 'templates edit':
    case 'templates remove':
      return templates(context)
    case 'config get':
    case 'config set':
      return Object.entries(SETTINGS).map(([word, { about }]) => ({ word, about }))
    case 'completion':
      return SHELLS.map((word) => ({ word, about: '' }))
    default:
      return []
  }
}

function templates(context: Context): Candidate[] {
  return listTemplates(context).map(({ name }) => ({ word: name, about: '' }))
}

async function modelNames(context: Context): Promise<Candidate[]> {
  const models = await quickly(async () => (await context.api()).models(), context)
  return (models ?? []).flatMap(({ id, aliases, description, serves }) =>
    serves === undefined
      ? [...aliases.filter((alias) => !alias.includes('/')), id].map((word) => ({ word, about: description }))
      : []
  )
}

async function chatIds(context: Context): Promise<Candidate[]> {
  const list = await quickly(async () => (await context.api()).listChats({ limit: CHATS_MAX }), context)
  return (list?.chats ?? []).map(({ id, title, first_line }) => ({ word: id, about: title ?? first_line }))
}

/** What the server says in time; a Tab is no place to tell why it did not. */
async function quickly<T>(ask: () => Promise<T>, { clock }: Pick<Context, 'clock'>): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  const cancel = clock.after(NETWORK_LIMIT_MS, () => resolve(undefined))
  try {
    return await Promise.race([ask(), late])
  } catch {
    return undefined
  } finally {
    cancel()
  }
}
