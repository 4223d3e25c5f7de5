import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { toJsonLine } from '../../lib/sanitize.js'
import { subscriptionText } from '../../lib/subscription-text.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<username>', 'whose')
    .option('--json', 'the subscription as JSON')
    .action((username: string, options: Options) => run(username, options, context()))
}

export async function run(username: string, { json }: Options, context: Context): Promise<void> {
  const subscription = await (await context.api()).endSubscription(username)
  context.io.out(json ? toJsonLine(subscription) : subscriptionText(subscription))
}
