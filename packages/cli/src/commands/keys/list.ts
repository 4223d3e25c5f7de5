import type { Key } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { table } from '../../lib/format.js'
import { showCredits } from '../../lib/money-text.js'
import { toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly user?: string
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .option('--user <name>', 'whose keys, for operators; your own when left out')
    .option('--json', 'the list as JSON')
    .action((options: Options) => run(options, context()))
}

export async function run({ user, json }: Options, context: Context): Promise<void> {
  const keys = await (await context.api()).listKeys(user)
  if (json) return context.io.out(toJsonLine({ keys }))
  if (keys.length === 0) return context.io.err('No keys yet.\n')
  context.io.out(table(COLUMNS, keys.map(row)))
}

const COLUMNS = [
  { title: 'ID' },
  { title: 'NAME' },
  { title: 'KEY' },
  { title: 'SCOPE' },
  { title: 'STATUS' },
  { title: 'USED', align: 'right' },
  { title: 'QUOTA', align: 'right' },
  { title: 'LAST USED' }
] as const

function row({ id, name, hint, scope, status, quota, quota_period, quota_used, last_used_at }: Key): string[] {
  const period = quota_period === 'life' ? '' : ` a ${quota_period}`
  const limit = quota === 0 ? '–' : `${showCredits(quota)}${period}`
  return [id, name, hint, scope, status, showCredits(quota_used), limit, last_used_at?.slice(0, 10) ?? 'never']
}
