import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { table } from '../../lib/format.js'
import { showCredits } from '../../lib/money-text.js'
import { toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command.option('--json', 'the list as JSON').action((options: Options) => run(options, context()))
}

export async function run({ json }: Options, context: Context): Promise<void> {
  const users = await (await context.api()).listUsers()
  if (json) return context.io.out(toJsonLine({ users }))
  context.io.out(
    table(
      [
        { title: 'USERNAME' },
        { title: 'ROLE' },
        { title: 'PLAN' },
        { title: 'TIER' },
        { title: 'STATUS' },
        { title: 'BALANCE', align: 'right' },
        { title: 'SINCE' },
        { title: 'ID' }
      ],
      users.map(({ username, role, plan, tier, status, balance, created_at, id }) => [
        username,
        role,
        plan,
        tier,
        status,
        showCredits(balance),
        created_at.slice(0, 10),
        id
      ])
    )
  )
}
