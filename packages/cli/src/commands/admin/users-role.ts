import type { User } from '@caicaini/protocol/api'
import { Argument, type Command } from 'commander'
import type { Context } from '../../context.js'
import { neutraliseLine, toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<username>', 'whose role')
    .addArgument(new Argument('<role>', 'what they may do').choices(['user', 'support', 'operator', 'owner']))
    .option('--json', 'the account as JSON')
    .action((username: string, role: User['role'], options: Options) => run(username, role, options, context()))
}

export async function run(username: string, role: User['role'], { json }: Options, context: Context): Promise<void> {
  const user = await (await context.api()).setRole(username, role)
  if (json) return context.io.out(toJsonLine(user))
  context.io.err(`${neutraliseLine(`Account ${user.id} "${user.username}", role ${user.role}`)}.\n`)
}
