import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { Options as AskOptions } from './commands/ask.js'
import type { Context, Globals } from './context.js'
import { HELP } from './help.js'
import { usageError } from './lib/cli-error.js'
import type { Io } from './lib/io.js'
import { parsePositiveInteger } from './lib/option-values.js'

/** What a command file exports, beside its `run`. */
export interface CommandFile {
  /** Declares arguments and flags and the action that runs them. */
  define(command: Command, context: () => Context): void
}

interface Entry {
  readonly summary: string
  readonly load: () => Promise<CommandFile>
}

/** Every command by its words. A command's file is loaded only when it is called. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  'auth login': { summary: 'sign in', load: () => import('./commands/auth/login.js') },
  'auth logout': { summary: 'forget the stored key', load: () => import('./commands/auth/logout.js') },
  'auth status': { summary: 'who is signed in, and where', load: () => import('./commands/auth/status.js') },
  'auth token': { summary: 'print the key in use', load: () => import('./commands/auth/token.js') },
  'account show': { summary: 'who your account is', load: () => import('./commands/account/show.js') },
  'account export': { summary: 'all that it has, as a ZIP', load: () => import('./commands/account/export.js') },
  'account close': { summary: 'leave for good', load: () => import('./commands/account/close.js') },
  'account second-factor show': {
    summary: 'what is asked for beside the password',
    load: () => import('./commands/account/second-factor/show.js')
  },
  'account second-factor enable': {
    summary: 'set up an authenticator app',
    load: () => import('./commands/account/second-factor/enable.js')
  },
  'account second-factor disable': {
    summary: 'ask for its codes no more',
    load: () => import('./commands/account/second-factor/disable.js')
  },
  'account second-factor recovery-codes': {
    summary: 'ten new recovery codes',
    load: () => import('./commands/account/second-factor/recovery-codes.js')
  },
  models: { summary: 'the models and their prices', load: () => import('./commands/models.js') },
  balance: { summary: 'the credits left', load: () => import('./commands/balance.js') },
  plans: { summary: 'the plans, and what a change today would cost', load: () => import('./commands/plans.js') },
  usage: { summary: 'what was used, and what it cost', load: () => import('./commands/usage.js') },
  'receipts list': { summary: 'what your requests were billed', load: () => import('./commands/receipts/list.js') },
  'receipts show': { summary: 'what one request was billed', load: () => import('./commands/receipts/show.js') },
  'receipts export': {
    summary: 'the whole book of your account',
    load: () => import('./commands/receipts/export.js')
  },
  'receipts verify': {
    summary: 'check a book or a receipt, offline',
    load: () => import('./commands/receipts/verify.js')
  },
  'keys list': { summary: 'your API keys', load: () => import('./commands/keys/list.js') },
  'keys create': { summary: 'make a key and print it', load: () => import('./commands/keys/create.js') },
  'keys edit': { summary: "change a key's name or quota", load: () => import('./commands/keys/edit.js') },
  'keys disable': { summary: 'refuse a key until it is enabled', load: () => import('./commands/keys/disable.js') },
  'keys enable': { summary: 'accept a disabled key again', load: () => import('./commands/keys/enable.js') },
  'keys rotate': { summary: 'another text for a key', load: () => import('./commands/keys/rotate.js') },
  'keys revoke': { summary: 'refuse a key for good', load: () => import('./commands/keys/revoke.js') },
  'chats list': { summary: 'the chats that you keep', load: () => import('./commands/chats/list.js') },
  'chats show': { summary: 'what was said in one', load: () => import('./commands/chats/show.js') },
  'chats search': { summary: 'those with certain words', load: () => import('./commands/chats/search.js') },
  'chats rename': { summary: 'give one a title', load: () => import('./commands/chats/rename.js') },
  'chats export': { summary: 'one as Markdown or JSON', load: () => import('./commands/chats/export.js') },
  'chats delete': { summary: 'delete some for good', load: () => import('./commands/chats/delete.js') },
  'config get': { summary: 'print one setting', load: () => import('./commands/config/get.js') },
  'config set': { summary: 'change one setting', load: () => import('./commands/config/set.js') },
  'config list': { summary: 'every setting and where it comes from', load: () => import('./commands/config/list.js') },
  'config path': { summary: 'where the settings lie', load: () => import('./commands/config/path.js') },
  update: { summary: 'the newest version, or the one before', load: () => import('./commands/update.js') },
  uninstall: { summary: 'take the program away again', load: () => import('./commands/uninstall.js') },
  serve: { summary: 'run the server for others', load: () => import('./commands/serve.js') },
  'admin users list': { summary: 'every account', load: () => import('./commands/admin/users-list.js') },
  'admin users create': { summary: 'make an account', load: () => import('./commands/admin/users-create.js') },
  'admin users role': {
    summary: 'what an account may do as an operator',
    load: () => import('./commands/admin/users-role.js')
  },
  'admin users suspend': {
    summary: 'stop an account for now',
    load: () => import('./commands/admin/users-suspend.js')
  },
  'admin users unsuspend': {
    summary: 'let a stopped account act again',
    load: () => import('./commands/admin/users-unsuspend.js')
  },
  'admin users ban': { summary: 'stop an account for good', load: () => import('./commands/admin/users-ban.js') },
  'admin users reset-second-factor': {
    summary: 'for who lost phone and recovery codes',
    load: () => import('./commands/admin/users-reset-second-factor.js')
  },
  'admin users limits': {
    summary: "an account's own rate limits",
    load: () => import('./commands/admin/users-limits.js')
  },
  'admin credits grant': {
    summary: 'give an account credits',
    load: () => import('./commands/admin/credits-grant.js')
  },
  'admin subscriptions show': {
    summary: "an account's plan",
    load: () => import('./commands/admin/subscriptions-show.js')
  },
  'admin subscriptions set': {
    summary: 'put an account on a plan',
    load: () => import('./commands/admin/subscriptions-set.js')
  },
  'admin subscriptions end': {
    summary: 'let a plan end with this month',
    load: () => import('./commands/admin/subscriptions-end.js')
  },
  'admin catalog changes': {
    summary: 'what the catalog takes from running subscriptions',
    load: () => import('./commands/admin/catalog-changes.js')
  },
  'admin catalog force': {
    summary: 'let such a change hold at once',
    load: () => import('./commands/admin/catalog-force.js')
  },
  'admin catalog reload': {
    summary: 'let running servers read their catalog again',
    load: () => import('./commands/admin/catalog-reload.js')
  },
  'admin providers': {
    summary: 'how the providers are doing',
    load: () => import('./commands/admin/providers.js')
  },
  'admin providers test': {
    summary: 'ask a provider for one token',
    load: () => import('./commands/admin/providers-test.js')
  },
  'admin events': { summary: 'what operators did', load: () => import('./commands/admin/events.js') },
  'admin requests list': {
    summary: 'what people ask about their data',
    load: () => import('./commands/admin/requests-list.js')
  },
  'admin requests close': {
    summary: 'note that one was answered',
    load: () => import('./commands/admin/requests-close.js')
  },
  'admin audit': { summary: 'who did what, to whom, from where', load: () => import('./commands/admin/audit.js') },
  'admin flags list': {
    summary: 'what operators should look at',
    load: () => import('./commands/admin/flags-list.js')
  },
  'admin flags dismiss': { summary: 'it was looked at', load: () => import('./commands/admin/flags-dismiss.js') },
  'admin flags release': {
    summary: 'give an account its free credits that wait',
    load: () => import('./commands/admin/flags-release.js')
  },
  'admin credits adjust': {
    summary: 'take credits back as a correction',
    load: () => import('./commands/admin/credits-adjust.js')
  },
  'admin credits forfeit': {
    summary: 'take everything, for a closure or a violation',
    load: () => import('./commands/admin/credits-forfeit.js')
  },
  'admin credits reconcile': {
    summary: "give back what a provider's bad hour was charged",
    load: () => import('./commands/admin/credits-reconcile.js')
  },
  'admin ledger export': {
    summary: 'every entry of every account',
    load: () => import('./commands/admin/ledger-export.js')
  },
  'admin ledger audit': { summary: 'recompute every balance', load: () => import('./commands/admin/ledger-audit.js') }
}

/** The commands that only hold others. */
const GROUPS: Readonly<Record<string, string>> = {
  auth: 'sign in, sign out, who am I',
  account: 'your account',
  'account second-factor': 'what is asked for beside the password',
  receipts: 'what requests were billed',
  keys: 'API keys',
  chats: 'chats that your account keeps',
  config: 'settings',
  admin: 'for operators of a server',
  'admin users': 'accounts',
  'admin credits': 'credits of an account',
  'admin requests': 'what people ask about their data',
  'admin subscriptions': 'plans of accounts',
  'admin catalog': 'models, plans and prices',
  'admin ledger': 'the books',
  'admin flags': 'signs of abuse'
}

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
