import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { table } from '../../lib/format.js'
import { grouped } from '../../lib/money-text.js'
import { toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command.option('--json', 'the list as JSON').action((options: Options) => run(options, context()))
}

export async function run({ json }: Options, context: Context): Promise<void> {
  const { io } = context
  const changes = await (await context.api()).catalogChanges()
  if (json) return io.out(toJsonLine({ changes }))
  if (changes.length === 0) return io.err('The catalog has taken nothing from running subscriptions.\n')
  const columns = [
    { title: 'ID' },
    { title: 'STATE' },
    { title: 'HOLDS FROM' },
    { title: 'ACCOUNTS', align: 'right' },
    { title: 'WHAT IT TAKES' }
  ] as const
  const rows = changes.map(({ id, state, effective_at, accounts, taken }) => [
    id,
    state,
    effective_at.slice(0, 10),
    grouped(accounts),
    taken.join('; ')
  ])
  io.out(table(columns, rows))
}
