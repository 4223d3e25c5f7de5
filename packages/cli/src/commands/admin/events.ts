import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { table } from '../../lib/format.js'
import { parsePositiveInteger } from '../../lib/option-values.js'
import { toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly limit?: number
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .option('--limit <n>', 'how many, the newest first; 100 when nobody says', parsePositiveInteger)
    .option('--json', 'the list as JSON')
    .action((options: Options) => run(options, context()))
}

export async function run({ limit, json }: Options, context: Context): Promise<void> {
  const { io } = context
  const events = await (await context.api()).events(limit)
  if (json) return io.out(toJsonLine({ events }))
  if (events.length === 0) return io.err('No operator has done anything yet.\n')
  const rows = events.map(({ at, actor, action, subject, detail }) => [
    at.slice(0, 19).replace('T', ' '),
    actor,
    action,
    subject,
    JSON.stringify(detail)
  ])
  io.out(table([{ title: 'WHEN' }, { title: 'WHO' }, { title: 'WHAT' }, { title: 'OF' }, { title: 'DETAIL' }], rows))
}
