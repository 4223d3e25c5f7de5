import type { KeyScope, QuotaPeriod } from '@caicaini/protocol/api'
import { type Command, Option } from 'commander'
import type { Context } from '../../context.js'
import { parseCreditsOption } from '../../lib/option-values.js'
import { neutraliseLine, toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly name: string
  readonly scope: KeyScope
  readonly quota?: number
  readonly quotaPeriod?: QuotaPeriod
  readonly user?: string
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .requiredOption('--name <name>', 'what to call it')
    .addOption(new Option('--scope <scope>', 'what it may do').choices(['api', 'cli']).default('api'))
    .option('--quota <credits>', 'most credits it may spend; 0 = no limit', parseCreditsOption)
    .addOption(
      new Option('--quota-period <period>', 'when the quota begins anew: never, or with each UTC month or day').choices(
        ['life', 'month', 'day']
      )
    )
    .option('--user <name>', 'whose key, for operators; your own when left out')
    .option('--json', 'the key and everything about it as one JSON object')
    .addHelpText('after', '\nExample:\n  export CAICAINI_API_KEY="$(caicaini --local keys create --name laptop)"')
    .action((options: Options) => run(options, context()))
}

/** Prints the key alone on stdout, so that `$(…)` takes it. */
export async function run({ name, scope, quota, quotaPeriod, user, json }: Options, context: Context): Promise<void> {
  const { io } = context
  const created = await (await context.api()).createKey(
    {
      name,
      scope,
      ...(quota === undefined ? {} : { quota }),
      ...(quotaPeriod === undefined ? {} : { quota_period: quotaPeriod })
    },
    user
  )
  if (json) return io.out(toJsonLine(created))
  io.out(`${neutraliseLine(created.key)}\n`)
  const what = neutraliseLine(`Key ${created.id} "${created.name}", scope ${created.scope}`)
  io.err(`${what}. It is shown this once: keep it safe.\n`)
}
