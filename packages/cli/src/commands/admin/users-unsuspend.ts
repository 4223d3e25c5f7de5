import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { tell } from './standing.js'

export interface Options {
  readonly reason: string
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<username>', 'whose account')
    .requiredOption('--reason <text>', 'why: kept in the log for good')
    .option('--json', 'what was decided, as JSON')
    .action((username: string, options: Options) => run(username, options, context()))
}

export async function run(username: string, { reason, json }: Options, context: Context): Promise<void> {
  const standing = await (await context.api()).liftStanding(username, reason)
  tell(standing, 'may act again; it signs in anew.', { json: json ?? false, context })
}
