import { Command, CommanderError, type Option } from 'commander'
import { COMMANDS, type Entry, GROUPS } from './command-table.js'
import type { Context, Globals } from './context.js'
import { HELP } from './help.js'
import { usageError } from './lib/cli-error.js'
import type { Io } from './lib/io.js'
import { defineGlobalOptions, definePromptOptions, type RootOptions, wantsOneAnswer } from './root-options.js'

const OPTIONS_OF_ALL = '\nWith any command: --local, --data DIR (see caicaini --help)'

export interface ProgramOptions {
  readonly io: Io
  readonly version: string
  readonly makeContext: (globals: Globals) => Context
}

/** What the words are: a prompt with its options, or a command with its own. `all` is both, for help and docs. */
export type Reading = 'prompt' | 'command' | 'all'

/** The program. As a `command` its root has no options of a prompt, so that commands may use the same letters. */
export function createProgram({ io, version, makeContext }: ProgramOptions, reading: Reading = 'all'): Command {
  const program = new Command('caicaini')
  let made: Context | undefined
  const context = () => {
    made ??= makeContext(program.opts<Globals>())
    return made
  }
  program
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text), outputError: () => {} })
    .showSuggestionAfterError()
    .usage('[options] [prompt...]')
    .version(version, '-V, --version')
    .helpOption('-h, --help')
  if (reading !== 'command') {
    definePromptOptions(program.argument('[prompt...]'))
    program.action((words: string[]) => answerOrChat(words, program.opts(), context()))
  }
  defineGlobalOptions(program)
  program.helpInformation = () => HELP
  if (reading !== 'prompt') defineCommands(program, context)
  return program
}

function defineCommands(program: Command, context: () => Context): void {
  const groups = new Map<string, Command>([['', program]])
  const groupOf = (path: string): Command => {
    const existing = groups.get(path)
    if (existing) return existing
    const [parentPath, name] = splitLast(path)
    const group = groupOf(parentPath)
      .command(name)
      .description(GROUPS[path] ?? '')
    groups.set(path, group)
    return group
  }
  const entries = new Map<Command, Entry>()
  for (const [path, entry] of Object.entries(COMMANDS)) {
    const [parentPath, name] = splitLast(path)
    const command = groupOf(parentPath).command(name).description(entry.summary)
    // One that does something by itself may hold others, too.
    groups.set(path, command)
    entries.set(command.addHelpText('after', OPTIONS_OF_ALL), entry)
  }
  for (const group of groups.values()) {
    // The command that is about to parse its arguments learns its flags now, and only that one.
    group.hook('preSubcommand', async (_, command) => {
      const entry = entries.get(command)
      if (entry) (await entry.load()).define(command, context)
    })
  }
}

function splitLast(path: string): [parent: string, name: string] {
  const at = path.lastIndexOf(' ')
  return at < 0 ? ['', path] : [path.slice(0, at), path.slice(at + 1)]
}

async function answerOrChat(words: string[], options: RootOptions, context: Context): Promise<void> {
  const { io } = context
  if (words.length === 0 && !wantsOneAnswer(options) && io.stdinIsTty && io.stdoutIsTty) {
    const chat = await import('./chat/run.js')
    return chat.run(options, context)
  }
  refuseTypingError(words, options)
  const { run } = await import('./commands/ask.js')
  await run({ ...options, words, quiet: options.quiet ?? false, raw: options.raw ?? false }, context)
}

/** Runs `argv`; usage errors come out as CliError (exit 2). */
export async function runProgram(argv: readonly string[], options: ProgramOptions): Promise<void> {
  const asked = askedForHelp(argv)
  const program = createProgram(options, isCommand(asked) ? 'command' : 'prompt')
  try {
    await program.parseAsync(asked, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Help and version were printed and are no errors.
    if (error.exitCode === 0) return
    // A group without a command, as in `caicaini keys`: its help went to stderr.
    if (error.code === 'commander.help') throw usageError('')
    throw usageError(error.message.replace(/^error: /, ''))
  }
}

/** `help keys create` asks for help; `help me write a poem` is a prompt. */
function askedForHelp(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv
  const path = rest.join(' ')
  return first === 'help' && (path in COMMANDS || path in GROUPS) ? [...rest, '--help'] : argv
}

/** Whether the first word names a command. `-p`, or `--` before it, makes every word part of the prompt. */
export function isCommand(argv: readonly string[]): boolean {
  const root = new Command()
  defineGlobalOptions(definePromptOptions(root))
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? ''
    if (word === '--' || word === '-p' || word === '--print') return false
    if (!word.startsWith('-') || word === '-')
      // What `run` starts has a -p of its own.
      return topLevel().includes(word) && (word === 'run' || !asksToPrint(argv.slice(at + 1)))
    if (takesNext(word, root.options)) at++
  }
  return false
}

/** `-p` behind the words still makes them a prompt, as it always did. */
function asksToPrint(rest: readonly string[]): boolean {
  const end = rest.indexOf('--')
  return (end < 0 ? rest : rest.slice(0, end)).some((word) => word === '-p' || word === '--print')
}

/** Whether the word behind this option is its value. */
function takesNext(word: string, options: readonly Option[]): boolean {
  if (word.startsWith('--')) return options.find(({ long }) => long === word)?.required ?? false
  const letters = [...word.slice(1)]
  const valued = letters.findIndex((letter) => options.find(({ short }) => short === `-${letter}`)?.required)
  // In `-qmhaiku` the rest of the word is the value.
  return valued >= 0 && valued === letters.length - 1
}

function topLevel(): string[] {
  return [...new Set(Object.keys(COMMANDS).map((path) => path.split(' ')[0] ?? path))]
}

/** A lone word that is nearly a command is more likely a slip than a prompt worth paying for. */
function refuseTypingError(words: readonly string[], { print }: RootOptions): void {
  const [word] = words
  if (print || words.length !== 1 || word === undefined || !/^[a-z]{4,12}$/.test(word)) return
  const meant = topLevel().find((name) => isOneEditAway(word, name))
  if (meant) throw usageError(`unknown command '${word}': did you mean '${meant}'? (a prompt: caicaini -p ${word})`)
}

/** One letter added, left out, changed, or two neighbours swapped. */
export function isOneEditAway(from: string, to: string): boolean {
  if (from === to || Math.abs(from.length - to.length) > 1) return false
  let head = 0
  while (head < from.length && from[head] === to[head]) head++
  const [a, b] = [from.slice(head), to.slice(head)]
  if (a.slice(1) === b.slice(1) || a.slice(1) === b || a === b.slice(1)) return true
  return a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2)
}
