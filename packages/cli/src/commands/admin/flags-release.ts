import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { neutraliseLine } from '../../lib/sanitize.js'

export function define(command: Command, context: () => Context): void {
  command.argument('<username>', 'whose free credits wait').action((username: string) => run(username, {}, context()))
}

export async function run(username: string, _: object, context: Context): Promise<void> {
  await (await context.api()).releaseCredits(username)
  context.io.err(`${neutraliseLine(`The account "${username}" has its free credits from now on`)}.\n`)
}
