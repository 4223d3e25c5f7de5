import type { KeyScope, QuotaPeriod } from '@caicaini/protocol/api'
import { type Command, Option } from 'commander'
import type { Context } from '../../context.js'
import { deviceName } from '../../lib/device-name.js'
import { signInDevice } from '../../lib/device-sign-in.js'
import { type Ending, endingAt, parseCreditsOption, parseEndingOption } from '../../lib/option-values.js'
import { neutraliseLine, toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly name: string
  readonly scope: KeyScope
  readonly quota?: number
  readonly quotaPeriod?: QuotaPeriod
  readonly expires?: Ending
  readonly user?: string
  readonly browser?: boolean
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
    .option('--expires <when>', 'when it ends by itself: 30d, a day, or never', parseEndingOption)
    .option('--user <name>', 'whose key, for operators; your own when left out')
    .option('--no-browser', 'do not open one to approve it; the address is shown anyway')
    .option('--json', 'the key and everything about it as one JSON object')
    .addHelpText('after', '\nExample:\n  export CAICAINI_API_KEY="$(caicaini --local keys create --name laptop)"')
    .action((options: Options) => run(options, context()))
}

/** Prints the key alone on stdout, so that `$(…)` takes it. A key cannot make others: elsewhere than on one's own machine, a browser approves it. */
export async function run(
  { name, scope, quota, quotaPeriod, expires, user, browser, json }: Options,
  context: Context
): Promise<void> {
  const { io } = context
  const target = context.target()
  const expiresAt = expires === undefined ? null : endingAt(expires, context.clock.nowMs())
  if (target.kind === 'remote' && user === undefined) {
    const client = await context.connect(target, undefined)
    const ask = {
      purpose: 'key',
      deviceName: deviceName(),
      scope,
      keyName: name,
      ...(quota !== undefined && { quota }),
      ...(quotaPeriod !== undefined && { quotaPeriod }),
      ...(expiresAt !== null && { expiresAt })
    } as const
    const { access_token: key, key_id: id } = await signInDevice(context, client, { ask, browser: browser ?? true })
    return show({ id, key, name, scope })
  }
  const created = await (await context.api()).createKey(
    {
      name,
      scope,
      ...(quota === undefined ? {} : { quota }),
      ...(quotaPeriod === undefined ? {} : { quota_period: quotaPeriod }),
      ...(expiresAt === null ? {} : { expires_at: expiresAt })
    },
    user
  )
  show(created)

  function show(made: { id: string; key: string; name: string; scope: string }): void {
    io.out(json ? toJsonLine(made) : `${neutraliseLine(made.key)}\n`)
    if (json) return
    const what = neutraliseLine(`Key ${made.id} "${made.name}", scope ${made.scope}`)
    io.err(`${what}. It is shown this once: keep it safe.\n`)
  }
}
