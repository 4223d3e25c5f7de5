import { Writable } from 'node:stream'
import type { Command, Option } from 'commander'
import { COMMANDS } from './command-table.js'
import type { Context } from './context.js'
import { HELP } from './help.js'
import { createIo } from './lib/io.js'
import { createProgram } from './program.js'
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
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const io = createIo({ stdin: process.stdin, stdout: nowhere, stderr: nowhere }, {})
  const noContext = (): Context => {
    throw new Error('a page needs no context')
  }
  const program = createProgram({ io, version: VERSION, makeContext: noContext })
  const parts: string[] = []
  for (const [path, { load }] of Object.entries(COMMANDS)) {
    const command = path
      .split(' ')
      .reduce<Command | undefined>((parent, name) => parent?.commands.find((child) => child.name() === name), program)
    if (!command) continue
    const { define } = await load()
    define(command, noContext)
    parts.push(commandPart(path, command))
  }
  return parts
}

function commandPart(path: string, command: Command): string {
  const options = command.options.filter(({ hidden }) => !hidden).flatMap(optionPart)
  const words = command.registeredArguments.map((argument) => {
    const name = argument.variadic ? `${argument.name()}...` : argument.name()
    return argument.required ? `<${name}>` : `[${name}]`
  })
  const usage = ['caicaini', path, ...words, ...(options.length > 0 ? ['[options]'] : [])].join(' ')
  const nested = options.length > 0 ? ['.RS', ...options, '.RE'] : []
  return ['.TP', `.B ${escaped(usage)}`, escaped(command.description()), ...nested].join('\n')
}

function optionPart({ flags, description, defaultValue }: Option): string[] {
  const isPlain = typeof defaultValue === 'string' || typeof defaultValue === 'number'
  const text = isPlain ? `${description} (${defaultValue})` : description
  return ['.TP', `.B ${escaped(flags)}`, escaped(text)]
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
