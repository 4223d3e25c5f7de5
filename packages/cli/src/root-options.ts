import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Options as AskOptions } from './commands/ask.js'
import { parseCreditsOption, parsePositiveInteger } from './lib/option-values.js'

/** What the root's options come out as. */
export type RootOptions = Omit<AskOptions, 'words'> & { readonly print?: boolean }

/** The options of a prompt and of the chat. A test holds `help.ts` and docs/cli.md to them. */
export function definePromptOptions(program: Command): Command {
  return program
    .option('-p, --print')
    .option('-m, --model <name>')
    .addOption(new Option('-f, --file <path>').argParser(gather))
    .option('--system <text>')
    .addOption(new Option('--system-file <path>').conflicts('system'))
    .option('--template <name>')
    .addOption(new Option('--max-tokens <n>').argParser(parsePositiveInteger))
    .addOption(new Option('--max-credits <n>').argParser(parseCreditsOption))
    .addOption(new Option('--effort <level>').choices(['low', 'medium', 'high', 'xhigh', 'max']))
    .addOption(new Option('--output-format <format>').default('text').argParser(parseOutputFormat))
    .addOption(new Option('-x, --extract').conflicts(['xl', 'schema']))
    .addOption(new Option('--xl').conflicts('schema'))
    .option('--schema <file>')
    .option('-o, --output <file>')
    .option('--dry-run')
    .option('--raw')
    .option('--no-stdin')
    .option('-q, --quiet')
    .option('-c, --continue')
    .addOption(new Option('-r, --resume [id]').argParser(parseChatId))
    .option('--fork')
    .option('--save')
    .option('--no-save')
    .option('--screen-reader')
}

/** The options that hold for every command, before or after it. */
export function defineGlobalOptions(program: Command): Command {
  return program.option('--local').option('--data <dir>')
}

/** Whether anything that was said makes sense for one answer alone. */
export function wantsOneAnswer(options: RootOptions): boolean {
  const { print, file, extract, xl, schema, output, dryRun, template, fork } = options
  const { outputFormat, maxCredits } = options
  return (
    [print, file, extract, xl, schema, output, dryRun, template, fork, maxCredits].some((one) => one !== undefined) ||
    outputFormat !== 'text'
  )
}

function gather(path: string, before: readonly string[] = []): readonly string[] {
  return [...before, path]
}

function parseChatId(text: string): string {
  if (text.startsWith('chat_')) return text
  throw new InvalidArgumentError('It must be an id of `caicaini chats list`; words of a prompt come before -r.')
}

function parseOutputFormat(text: string): AskOptions['outputFormat'] {
  if (text === 'text' || text === 'json' || text === 'stream-json') return text
  throw new InvalidArgumentError('It must be text, json or stream-json.')
}
