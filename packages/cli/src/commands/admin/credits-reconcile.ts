import type { Reconcile, Reconciled } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { table } from '../../lib/format.js'
import { counted, creditsPhrase, showCredits } from '../../lib/money-text.js'
import { parseTimeOption } from '../../lib/option-values.js'
import { toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly provider: string
  readonly from: string
  readonly to: string
  readonly reason?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .requiredOption('--provider <name>', 'whose bad hour it was, as receipts name it')
    .requiredOption('--from <time>', 'its beginning, such as 2026-11-21T10:00:00Z', parseTimeOption)
    .requiredOption('--to <time>', 'its end', parseTimeOption)
    .option('--reason <text>', 'why: kept in the book for good')
    .option('--dry-run', 'show what would be given back and give nothing')
    .option('--json', 'the charges as JSON')
    .action((options: Options) => run(options, context()))
}

/** Gives back what was charged for answers that ended badly. Run twice, it gives once. */
export async function run(options: Options, context: Context): Promise<void> {
  const { io } = context
  const { provider, from, to, reason, dryRun = false, json } = options
  const body: Reconcile = { provider, from, to, dry_run: dryRun, ...(reason === undefined ? {} : { reason }) }
  const api = await context.api()
  const result = await api.call<Reconciled>('POST', '/admin/api/credits/reconcile', { body, has: 'charges' })
  if (json) return io.out(toJsonLine(result))
  const { charges, requests, accounts, credits } = result
  if (charges.length > 0) io.out(table(COLUMNS, charges.map(row)))
  const verb = dryRun ? 'would be given back' : 'given back'
  const sum = `${creditsPhrase(credits)} of ${counted(requests, 'request')} on ${counted(accounts, 'account')}`
  io.err(charges.length === 0 ? 'Nothing to give back.\n' : `${sum} ${verb}.\n`)
}

const COLUMNS = [
  { title: 'SETTLED' },
  { title: 'ACCOUNT' },
  { title: 'MODEL' },
  { title: 'WHY' },
  { title: 'CREDITS', align: 'right' },
  { title: 'REQUEST' }
] as const

function row({ settled_at, account, model, why, credits, request_id }: Reconciled['charges'][number]): string[] {
  return [settled_at.slice(0, 19).replace('T', ' '), account, model, why, showCredits(credits), request_id]
}
