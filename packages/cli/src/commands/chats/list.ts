import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { parsePositiveInteger } from '../../lib/option-values.js'
import { printChats } from './table.js'

export interface Options {
  readonly search?: string
  readonly limit: number
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .option('--search <text>', 'only those with these words in their titles or messages')
    .option('--limit <n>', 'how many at most', parsePositiveInteger, 20)
    .option('--json', 'one chat a line as JSON')
    .action((options: Options) => run(options, context()))
}

export async function run(options: Options, context: Context): Promise<void> {
  await printChats(await context.api(), options, context.io)
}
