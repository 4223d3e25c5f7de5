import type { Balance, Grant } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { fittingTable } from '../lib/format.js'
import type { Io } from '../lib/io.js'
import { creditsPhrase, showCredits } from '../lib/money-text.js'
import { neutraliseLine, toJsonLine } from '../lib/sanitize.js'
import { printNotices } from '../lib/subscription-text.js'

export interface Options {
  readonly json?: boolean
  readonly details?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .option('--details', 'the grants that make it up, in the order in which they are spent')
    .option('--json', 'everything as one JSON object')
    .action((options: Options) => run(options, context()))
}

export async function run({ json, details }: Options, context: Context): Promise<void> {
  const { io } = context
  const api = await context.api()
  const [balance, notices] = await Promise.all([api.balance(), api.notices()])
  if (json) io.out(toJsonLine(balance))
  else if (details) printDetails(io, balance)
  else io.out(`${creditsPhrase(balance.balance)}\n`)
  printNotices(io, notices)
}

function printDetails(io: Io, balance: Balance): void {
  io.out(
    `${creditsPhrase(balance.balance)} (US$ ${neutraliseLine(balance.usd)}): ${showCredits(balance.subscription)} subscription, ` +
      `${showCredits(balance.topup)} top-up; ${showCredits(balance.held)} held, ` +
      `${showCredits(balance.available)} available\n`
  )
  if (balance.grants.length > 0) io.out(`\n${fittingTable(COLUMNS, balance.grants.map(row), io.columns)}`)
}

const COLUMNS = [
  { title: 'GRANT' },
  { title: 'REMAINING', align: 'right' },
  { title: 'OF', align: 'right' },
  { title: 'HELD', align: 'right' },
  { title: 'SINCE', drop: 1 },
  { title: 'EXPIRES' },
  { title: 'REFERENCE', drop: 2 }
] as const

function row({ kind, remaining, amount, held, starts_at, expires_at, reference }: Grant): string[] {
  const expires = expires_at === null ? 'never' : expires_at.slice(0, 10)
  const amounts = [remaining, amount, held].map((credits) => showCredits(credits))
  return [kind, ...amounts, starts_at.slice(0, 10), expires, reference]
}
