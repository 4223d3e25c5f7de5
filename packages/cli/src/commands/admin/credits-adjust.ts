import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { parseCreditsOption } from '../../lib/option-values.js'
import { type TakeFlags, takeCredits } from './credits-take.js'

export function define(command: Command, context: () => Context): void {
  command
    .argument('<username>', 'whose account')
    .argument('<credits>', 'how many to take', parseCreditsOption)
    .requiredOption('--reason <text>', 'why: kept in the book for good')
    .option('--reference <text>', 'given twice, the second takes nothing')
    .option('--json', 'what was taken as JSON')
    .addHelpText('after', '\nTo give instead of take: caicaini admin credits grant')
    .action((username: string, credits: number, flags: TakeFlags) => run({ username, credits }, flags, context()))
}

/** A correction: refused where less than the amount is there and not held. */
export async function run(take: { username: string; credits: number }, flags: TakeFlags, context: Context) {
  await takeCredits({ kind: 'adjust', ...take }, flags, context)
}
