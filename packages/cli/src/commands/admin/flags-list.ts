import { type Command, Option } from 'commander'
import type { Context } from '../../context.js'
import { fittingTable } from '../../lib/format.js'
import { parsePositiveInteger } from '../../lib/option-values.js'
import { toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly state: string
  readonly limit?: number
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .addOption(new Option('--state <state>', 'which').choices(['open', 'dismissed', 'acted', 'all']).default('open'))
    .option('--limit <n>', 'how many, the newest first; 100 when nobody says', parsePositiveInteger)
    .option('--json', 'the list as JSON')
    .action((options: Options) => run(options, context()))
}

export async function run({ state, limit, json }: Options, context: Context): Promise<void> {
  const { io } = context
  const asked = { ...(state !== 'all' && { state }), ...(limit !== undefined && { limit }) }
  const flags = await (await context.api()).flags(asked)
  if (json) return io.out(toJsonLine({ flags }))
  if (flags.length === 0) return io.err('There is nothing to look at.\n')
  const rows = flags.map(({ id, at, username, kind, state: now, evidence }) => [
    id,
    at.slice(0, 16).replace('T', ' '),
    username,
    kind,
    now,
    JSON.stringify(evidence)
  ])
  const columns = [{ title: 'ID' }, { title: 'WHEN' }, { title: 'WHOM' }, { title: 'WHAT' }, { title: 'STATE' }]
  io.out(fittingTable([...columns, { title: 'EVIDENCE', drop: 1 }], rows, io.columns))
}
