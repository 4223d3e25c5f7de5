import type { Receipt } from '@caicaini/protocol'
import type { ReceiptList } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { modelName } from '../../lib/cost-line.js'
import { fittingTable } from '../../lib/format.js'
import { grouped, showCredits } from '../../lib/money-text.js'
import { parsePositiveInteger } from '../../lib/option-values.js'
import { toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly since?: string
  readonly limit: number
  readonly json?: boolean
}

const PAGE_MAX = 200

export function define(command: Command, context: () => Context): void {
  command
    .option('--since <time>', 'none older: 7d, 24h, 2026-11-01 or 2026-11-01T12:00:00Z, in UTC')
    .option('--limit <n>', 'how many at most', parsePositiveInteger, 20)
    .option('--json', 'one receipt a line as JSON')
    .action((options: Options) => run(options, context()))
}

export async function run({ since, limit, json }: Options, context: Context): Promise<void> {
  const { io } = context
  const api = await context.api()
  const rows: string[][] = []
  let before: string | null = null
  for (let left = limit; left > 0; ) {
    const query: URLSearchParams = new URLSearchParams({
      limit: String(Math.min(left, PAGE_MAX)),
      ...(since === undefined ? {} : { since }),
      ...(before === null ? {} : { before })
    })
    const page: ReceiptList = await api.call<ReceiptList>('GET', `/api/receipts?${query}`, { has: 'receipts' })
    if (json) for (const receipt of page.receipts) await io.write(toJsonLine(receipt))
    rows.push(...page.receipts.map(row))
    left -= page.receipts.length
    before = page.next
    if (before === null) break
  }
  if (json) return
  if (rows.length === 0) return io.err('No receipts yet.\n')
  io.out(fittingTable(COLUMNS, rows, io.columns))
}

const COLUMNS = [
  { title: 'SETTLED' },
  { title: 'MODEL' },
  { title: 'STATUS', drop: 1 },
  { title: 'IN', align: 'right', drop: 3 },
  { title: 'OUT', align: 'right', drop: 2 },
  { title: 'CREDITS', align: 'right' },
  { title: 'REQUEST' }
] as const

function row(receipt: Receipt): string[] {
  const { settled_at, status, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, credits } = receipt
  return [
    settled_at.slice(0, 16).replace('T', ' '),
    modelName(receipt),
    receipt.refunded ? `${status}, refunded` : status,
    grouped(input_tokens + cache_read_tokens + cache_write_tokens),
    grouped(output_tokens),
    showCredits(credits, 4),
    receipt.request_id
  ]
}
