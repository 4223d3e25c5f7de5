import { Writable } from 'node:stream'
import type { Command, Option } from 'commander'
import { COMMANDS } from './command-table.js'
import type { Context } from './context.js'
import { createIo } from './lib/io.js'
import { createProgram } from './program.js'
import { VERSION } from './version.js'

export interface DefinedCommand {
  /** Its words: `keys create`. */
  readonly path: string
  readonly command: Command
}

/** Every command with its arguments and options, in the order of the table: what pages about them are made of. */
export async function definedCommands(): Promise<readonly DefinedCommand[]> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const io = createIo({ stdin: process.stdin, stdout: nowhere, stderr: nowhere }, {})
  const noContext = (): Context => {
    throw new Error('a page needs no context')
  }
  const program = createProgram({ io, version: VERSION, makeContext: noContext })
  const defined: DefinedCommand[] = []
  for (const [path, { load }] of Object.entries(COMMANDS)) {
    const command = path
      .split(' ')
      .reduce<Command | undefined>((parent, name) => parent?.commands.find((child) => child.name() === name), program)
    if (!command) continue
    const { define } = await load()
    define(command, noContext)
    defined.push({ path, command })
  }
  return defined
}

/** `caicaini keys create <name> [options]`. */
export function usageOf(path: string, command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = argument.variadic ? `${argument.name()}...` : argument.name()
    return argument.required ? `<${name}>` : `[${name}]`
  })
  const hasOptions = command.options.some(({ hidden }) => !hidden)
  return ['caicaini', path, ...words, ...(hasOptions ? ['[options]'] : [])].join(' ')
}

/** What an option is for, and what holds without it. */
export function optionText({ description, defaultValue }: Option): string {
  const isPlain = typeof defaultValue === 'string' || typeof defaultValue === 'number'
  return isPlain ? `${description} (${defaultValue})` : description
}
