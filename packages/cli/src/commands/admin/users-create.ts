import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { neutraliseLine, toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly plan?: string
  readonly tier?: string
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<username>')
    .option('--plan <plan>', "a plan of the server's catalog")
    .option('--tier <tier>', "a rate-limit tier of the server's catalog")
    .option('--json', 'the account as JSON')
    .action((username: string, options: Options) => run(username, options, context()))
}

export async function run(username: string, { plan, tier, json }: Options, context: Context): Promise<void> {
  const api = await context.api()
  const user = await api.createUser({
    username,
    ...(plan === undefined ? {} : { plan }),
    ...(tier === undefined ? {} : { tier })
  })
  if (json) return context.io.out(toJsonLine(user))
  context.io.err(`${neutraliseLine(`Account ${user.id} "${user.username}", plan ${user.plan}, tier ${user.tier}`)}.\n`)
}
