import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { parseCreditsOption } from '../../lib/option-values.js'
import { type TakeFlags, takeCredits } from './credits-take.js'

export interface Options extends TakeFlags {
  readonly credits?: number
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<username>', 'whose account')
    .requiredOption('--reason <text>', 'why, such as a closure or a violation: kept in the book for good')
    .option('--credits <n>', 'how many; everything that no request under way holds when left out', parseCreditsOption)
    .option('--reference <text>', 'given twice, the second takes nothing')
    .option('--json', 'what was taken as JSON')
    .action((username: string, options: Options) => run(username, options, context()))
}

export async function run(username: string, { credits, ...flags }: Options, context: Context): Promise<void> {
  await takeCredits({ username, kind: 'forfeit', ...(credits === undefined ? {} : { credits }) }, flags, context)
}
