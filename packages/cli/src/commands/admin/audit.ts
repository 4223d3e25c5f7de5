import type { AuditEvent } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { fittingTable } from '../../lib/format.js'
import { parsePositiveInteger } from '../../lib/option-values.js'
import { toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly actor?: string
  readonly subject?: string
  readonly action?: string
  readonly since?: string
  readonly limit?: number
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .option('--actor <name>', 'only what this account did')
    .option('--subject <name>', 'only what was done to this account, or to what else is named')
    .option('--action <action>', 'only this, such as key.rotate, or key for all that is done to keys')
    .option('--since <time>', 'from then on: 7d, 24h, a day or a time')
    .option('--limit <n>', 'how many, the newest first; 100 when nobody says', parsePositiveInteger)
    .option('--json', 'the list as JSON')
    .action((options: Options) => run(options, context()))
}

export async function run({ json, ...asked }: Options, context: Context): Promise<void> {
  const { io } = context
  const events = await (await context.api()).audit(asked)
  if (json) return io.out(toJsonLine({ events }))
  if (events.length === 0) return io.err('Nothing of that kind was done.\n')
  io.out(fittingTable(COLUMNS, events.map(row), io.columns))
}

const COLUMNS = [
  { title: 'WHEN' },
  { title: 'WHO' },
  { title: 'WHAT' },
  { title: 'WHOM' },
  { title: 'FROM', drop: 2 },
  { title: 'DETAIL', drop: 3 },
  { title: 'CHANGE', drop: 1 }
] as const

function row({ at, actor, action, subject, from, detail, before, after }: AuditEvent): string[] {
  const change = after === null ? '' : `${JSON.stringify(before)} → ${JSON.stringify(after)}`
  return [at.slice(0, 19).replace('T', ' '), actor, action, subject, from ?? '–', JSON.stringify(detail), change]
}
