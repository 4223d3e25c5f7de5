import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { parsePositiveInteger } from '../../lib/option-values.js'
import { toJsonLine } from '../../lib/sanitize.js'
import { subscriptionText } from '../../lib/subscription-text.js'

export interface Options {
  readonly months?: number
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<username>', 'whose')
    .argument('<plan>', "a plan of the server's catalog")
    .option('--months <n>', 'for so many calendar months, the first among them; then Free', parsePositiveInteger)
    .option('--json', 'the subscription as JSON')
    .action((username: string, plan: string, options: Options) => run({ username, plan }, options, context()))
}

export async function run(
  { username, plan }: { username: string; plan: string },
  { months, json }: Options,
  context: Context
): Promise<void> {
  const api = await context.api()
  const subscription = await api.setSubscription(username, { plan, ...(months === undefined ? {} : { months }) })
  context.io.out(json ? toJsonLine(subscription) : subscriptionText(subscription))
}
