import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { parsePositiveInteger } from '../../lib/option-values.js'
import { printChats } from './table.js'

export interface Options {
  readonly limit: number
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<text...>', 'the words, as they stand together')
    .option('--limit <n>', 'how many at most', parsePositiveInteger, 20)
    .option('--json', 'one chat a line as JSON')
    .action((words: string[], options: Options) => run(words, options, context()))
}

export async function run(words: readonly string[], { limit, json }: Options, context: Context): Promise<void> {
  await printChats(await context.api(), { search: words.join(' '), limit, json }, context.io)
}
