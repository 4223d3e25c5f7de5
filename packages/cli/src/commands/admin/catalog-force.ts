import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { counted } from '../../lib/money-text.js'
import { neutraliseLine, toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly reason: string
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<id>', 'the change, as `admin catalog changes` names it')
    .requiredOption('--reason <text>', 'why: written down beside who forced it')
    .option('--json', 'the change as JSON')
    .action((id: string, options: Options) => run(id, options, context()))
}

/** Lets a change hold before its seven days are over. */
export async function run(id: string, { reason, json }: Options, context: Context): Promise<void> {
  const { io } = context
  const change = await (await context.api()).forceChange(id, reason)
  if (json) return io.out(toJsonLine(change))
  io.err(`${neutraliseLine(change.taken.join('; '))}: in force now for ${counted(change.accounts, 'account')}.\n`)
}
