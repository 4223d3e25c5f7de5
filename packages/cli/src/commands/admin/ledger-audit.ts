import { EXIT, formatCredits, parseCredits } from '@caicaini/protocol'
import type { AuditReport } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { CliError } from '../../lib/cli-error.js'
import { fields, table } from '../../lib/format.js'
import { counted } from '../../lib/money-text.js'
import { toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command.option('--json', 'the report as JSON').action((options: Options) => run(options, context()))
}

/** Exit 1 when the books disagree anywhere. */
export async function run({ json }: Options, context: Context): Promise<void> {
  const { io } = context
  const report = await (await context.api()).auditLedger()
  if (json) {
    io.out(toJsonLine(report))
  } else {
    const { accounts, entries, grants, receipts, holds_open, differences } = report
    io.out(
      `${counted(accounts, 'account')}, ${counted(entries, 'entry', 'entries')}, ${counted(grants, 'grant')}, ` +
        `${counted(receipts, 'receipt')}, ${counted(holds_open, 'open hold')}: ` +
        `${report.ok ? 'the books agree' : counted(differences.length, 'difference')}\n`
    )
    io.out(sums(report.totals))
    if (differences.length > 0) {
      const rows = differences.map(({ account, what, detail }) => [account ?? '–', what, detail])
      io.out(`\n${table([{ title: 'ACCOUNT' }, { title: 'WHAT' }, { title: 'DETAIL' }], rows)}`)
    }
  }
  if (!report.ok) throw new CliError(EXIT.other, `the ledger has ${counted(report.differences.length, 'difference')}`)
}

/** The equation that holds for every book: what came in is what went out and what is left. */
function sums({
  granted,
  adjusted,
  refunded,
  spent,
  remaining,
  expired,
  forfeited,
  held
}: AuditReport['totals']): string {
  const sides = [
    { label: 'in', terms: { granted, adjusted, refunded } },
    { label: 'out', terms: { spent, expired, forfeited } },
    { label: 'left', terms: { remaining, 'of which held': held } }
  ]
  return fields(
    sides.map(({ label, terms }) => [
      label,
      Object.entries(terms)
        .map(([name, credits]) => `${name} ${formatCredits(parseCredits(credits) ?? 0n)}`)
        .join(', ')
    ])
  )
}
