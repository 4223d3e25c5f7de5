import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { neutraliseLine } from '../../lib/sanitize.js'

export interface Options {
  readonly acted?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<id>', 'of `admin flags list`')
    .option('--acted', 'something was done about it')
    .action((id: string, options: Options) => run(id, options, context()))
}

export async function run(id: string, { acted = false }: Options, context: Context): Promise<void> {
  const state = acted ? 'acted' : 'dismissed'
  await (await context.api()).decideFlag(id, state)
  context.io.err(`${neutraliseLine(`Flag ${id}: ${state}`)}.\n`)
}
