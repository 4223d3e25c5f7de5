import type { Command, Option } from 'commander'
import { definedCommands, optionText, usageOf } from './defined-commands.js'
import { HELP } from './help.js'
import { VERSION } from './version.js'

/** caicaini(1), made of what the program itself knows: its help, and every command with its arguments and options. */
export async function manPage(): Promise<string> {
  const sections = splitHelp()
  // The usage's lines, then how the program decides between them.
  const [usage = '', ...more] = (sections.get('Usage') ?? '').split('\n\n')
  const synopsis = usage.replace(/^ +/gm, '')
  const description = [sections.get('') ?? '', ...more].join('\n')
  return [
    `.TH CAICAINI 1 "" "Caicaini Code ${VERSION}" "User Commands"`,
    '.SH NAME',
    'caicaini \\- chat with a model in the terminal, pipe prompts, see what each message was billed',
    '.SH SYNOPSIS',
    verbatim(synopsis),
    '.SH DESCRIPTION',
    verbatim(description),
    '.SH OPTIONS',
    verbatim(sections.get('Options') ?? ''),
    '.SH COMMANDS',
    ...(await commandParts()),
    '.SH EXIT STATUS',
    verbatim(sections.get('Exit codes') ?? ''),
    '.SH EXAMPLES',
    verbatim(sections.get('Examples') ?? ''),
    ''
  ].join('\n')
}

/** The parts of the help by their heads; what stands before the first head has none. */
function splitHelp(): Map<string, string> {
  const parts = new Map<string, string>()
  let head = ''
  for (const line of HELP.split('\n')) {
    const found = /^(Usage|Examples|Options|Commands|Exit codes):(.*)$/.exec(line)
    if (found?.[1] === undefined) {
      parts.set(head, `${parts.get(head) ?? ''}${line}\n`)
      continue
    }
    head = found[1]
    parts.set(head, (found[2] ?? '').trim() === '' ? '' : `  ${(found[2] ?? '').trim()}\n`)
  }
  return parts
}

async function commandParts(): Promise<string[]> {
  return (await definedCommands()).map(({ path, command }) => commandPart(path, command))
}

function commandPart(path: string, command: Command): string {
  const options = command.options.filter(({ hidden }) => !hidden).flatMap(optionPart)
  const usage = usageOf(path, command)
  const nested = options.length > 0 ? ['.RS', ...options, '.RE'] : []
  return ['.TP', `.B ${escaped(usage)}`, escaped(command.description()), ...nested].join('\n')
}

function optionPart(option: Option): string[] {
  return ['.TP', `.B ${escaped(option.flags)}`, escaped(optionText(option))]
}

function verbatim(text: string): string {
  const lines = text.replace(/^\n+|\s+$/g, '').split('\n')
  const indent = Math.min(...lines.filter((line) => line !== '').map((line) => line.search(/\S/)))
  return ['.nf', ...lines.map((line) => escaped(line.slice(indent))), '.fi'].join('\n')
}

/** Text that troff prints as it is: hyphens stay hyphens, and no line begins a request. */
function escaped(text: string): string {
  const plain = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('\n', ' ')
  return /^[.']/.test(plain) ? `\\&${plain}` : plain
}
