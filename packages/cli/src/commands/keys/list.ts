import type { Key } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { fittingTable } from '../../lib/format.js'
import { keyAgeDays, OLD_KEY_DAYS } from '../../lib/key-age.js'
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
  const nowMs = context.clock.nowMs()
  const rows = keys.map((key) => row(key, nowMs))
  context.io.out(fittingTable(COLUMNS, rows, context.io.columns))
  const old = keys.filter((key) => key.status === 'active' && keyAgeDays(key, nowMs) > OLD_KEY_DAYS).length
  if (old > 0)
    context.io.err(
      `${old === 1 ? 'One key is' : `${old} keys are`} over ${OLD_KEY_DAYS} days old: caicaini keys rotate\n`
    )
}

const COLUMNS = [
  { title: 'ID' },
  { title: 'NAME' },
  { title: 'KEY', drop: 3 },
  { title: 'SCOPE' },
  { title: 'STATUS' },
  { title: 'USED', align: 'right' },
  { title: 'QUOTA', align: 'right' },
  { title: 'AGE', align: 'right' },
  { title: 'ENDS', drop: 2 },
  { title: 'LAST USED' },
  { title: 'FROM', drop: 1 },
  { title: 'BY', drop: 1 }
] as const

function row(key: Key, nowMs: number): string[] {
  const { id, name, hint, scope, status, quota, quota_period, quota_used } = key
  const period = quota_period === 'life' ? '' : ` a ${quota_period}`
  const limit = quota === 0 ? '–' : `${showCredits(quota)}${period}`
  const ends = key.expires_at?.slice(0, 10) ?? '–'
  const lastUse = [key.last_used_at?.slice(0, 10) ?? 'never', key.last_used_from ?? '–', key.last_used_by ?? '–']
  const age = `${keyAgeDays(key, nowMs)} d`
  return [id, name, hint, scope, status, showCredits(quota_used), limit, age, ends, ...lastUse]
}
