import type { QuotaPeriod } from '@caicaini/protocol/api'
import { type Command, Option } from 'commander'
import type { Context } from '../../context.js'
import { usageError } from '../../lib/cli-error.js'
import { type Ending, endingAt, parseCreditsOption, parseEndingOption } from '../../lib/option-values.js'
import { type ChangeFlags, changeKey, defineChange } from './change.js'

export interface Options extends ChangeFlags {
  readonly name?: string
  readonly quota?: number
  readonly quotaPeriod?: QuotaPeriod
  readonly expires?: Ending
}

export function define(command: Command, context: () => Context): void {
  command
    .option('--name <name>', 'what to call it from now on')
    .option('--quota <credits>', 'most credits it may spend; 0 = no limit', parseCreditsOption)
    .addOption(
      new Option('--quota-period <period>', 'when the quota begins anew: never, or with each UTC month or day').choices(
        ['life', 'month', 'day']
      )
    )
  command.option('--expires <when>', 'when it ends by itself: 30d, a day, or never', parseEndingOption)
  defineChange(command, context, run)
}

export async function run(idOrName: string, options: Options, context: Context): Promise<void> {
  const { name, quota, quotaPeriod, expires, ...flags } = options
  const changes = {
    ...(name === undefined ? {} : { name }),
    ...(quota === undefined ? {} : { quota }),
    ...(quotaPeriod === undefined ? {} : { quota_period: quotaPeriod }),
    ...(expires === undefined ? {} : { expires_at: endingAt(expires, context.clock.nowMs()) })
  }
  if (Object.keys(changes).length === 0)
    throw usageError('nothing to change: give --name, --quota, --quota-period or --expires')
  await changeKey(idOrName, { ...flags, done: 'changed' }, context, (api, id) => api.editKey(id, changes, flags.user))
}
