import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { COMMANDS, type Entry, GROUPS } from './command-table.js'
import type { Options as AskOptions } from './commands/ask.js'
import type { Context, Globals } from './context.js'
import { HELP } from './help.js'
import { usageError } from './lib/cli-error.js'
import type { Io } from './lib/io.js'
import { parsePositiveInteger } from './lib/option-values.js'

const OPTIONS_OF_ALL = '\nWith any command: --local, --data DIR (see caicaini --help)'

interface ProgramOptions {
  readonly io: Io
  readonly version: string
  readonly makeContext: (globals: Globals) => Context
}

/** The program. With `promptOnly` every word belongs to the prompt. */
export function createProgram({ io, version, makeContext }: ProgramOptions, promptOnly = false): Command {
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
  defineRoot(program, { version, context })
  if (!promptOnly) defineCommands(program, context)
  return program
}

function defineRoot(program: Command, { version, context }: { version: string; context: () => Context }): void {
  program
    .usage('[options] [prompt...]')
    .argument('[prompt...]')
    .version(version, '-V, --version')
    .helpOption('-h, --help')
    .option('-p, --print')
    .option('-m, --model <name>')
    .option('--system <text>')
    .addOption(new Option('--max-tokens <n>').argParser(parsePositiveInteger))
    .addOption(new Option('--output-format <format>').default('text').argParser(parseOutputFormat))
    .option('--raw')
    .option('--no-stdin')
    .option('-q, --quiet')
    .option('-c, --continue')
    .addOption(new Option('-r, --resume [id]').argParser(parseChatId))
    .option('--save')
    .option('--no-save')
    .option('--screen-reader')
    .option('--local')
    .option('--data <dir>')
    .action((words: string[]) => answerOrChat(words, program.opts(), context()))
  program.helpInformation = () => HELP
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

type RootOptions = Omit<AskOptions, 'words'> & { readonly print?: boolean }

async function answerOrChat(words: string[], options: RootOptions, context: Context): Promise<void> {
  const { io } = context
  if (words.length === 0 && !options.print && io.stdinIsTty && io.stdoutIsTty) {
    const chat = await import('./chat/run.js')
    return chat.run(options, context)
  }
  refuseTypingError(words, options)
  const { run } = await import('./commands/ask.js')
  await run({ ...options, words, quiet: options.quiet ?? false, raw: options.raw ?? false }, context)
}

/** Runs `argv`; usage errors come out as CliError (exit 2). */
export async function runProgram(argv: readonly string[], options: ProgramOptions): Promise<void> {
  const program = createProgram(options, isPromptOnly(argv))
  try {
    await program.parseAsync(askedForHelp(argv), { from: 'user' })
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

/** `-p`, or `--` before any command's name, makes every word part of the prompt. */
export function isPromptOnly(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  const before = end < 0 ? argv : argv.slice(0, end)
  if (before.some((word) => word === '-p' || word === '--print')) return true
  return end >= 0 && !before.some((word) => topLevel().includes(word))
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

function parseChatId(text: string): string {
  if (text.startsWith('chat_')) return text
  throw new InvalidArgumentError('It must be an id of `caicaini chats list`; words of a prompt come before -r.')
}

function parseOutputFormat(text: string): 'text' | 'json' {
  if (text === 'text' || text === 'json') return text
  if (text === 'stream-json') throw new InvalidArgumentError('This version has text and json; stream-json is to come.')
  throw new InvalidArgumentError('It must be text or json.')
}
