import type { Usage, UsageBy, UsageRow } from '@caicaini/protocol/api'
import { type Command, Option } from 'commander'
import stringWidth from 'string-width'
import type { Context } from '../context.js'
import { csv } from '../lib/csv.js'
import { type Column, fittingTable, widthOf } from '../lib/format.js'
import { counted, creditsPhrase, grouped, showCredits } from '../lib/money-text.js'
import { neutraliseLine, toJsonLine } from '../lib/sanitize.js'

export interface Options {
  readonly since: string
  readonly until?: string
  readonly by: UsageBy
  readonly json?: boolean
  readonly csv?: boolean
}

const BY = ['model', 'key', 'day', 'session', 'agent', 'client', 'repo', 'branch'] satisfies UsageBy[]

export function define(command: Command, context: () => Context): void {
  command
    .option('--since <time>', 'from when on: 7d, 24h, 2026-11-01 or 2026-11-01T12:00:00Z, in UTC', '7d')
    .option('--until <time>', 'up to when, the same way; now when left out')
    .addOption(new Option('--by <what>', 'what to sum by').choices(BY).default('day'))
    .option('--json', 'the report as JSON')
    .addOption(new Option('--csv', 'the rows as CSV').conflicts('json'))
    .addHelpText(
      'after',
      '\nExamples:\n  caicaini usage --since 30d --by model\n  caicaini usage --by repo\n  caicaini usage --by key --csv > usage.csv'
    )
    .action((options: Options) => run(options, context()))
}

export async function run({ since, until, by, json, csv: asCsv }: Options, context: Context): Promise<void> {
  const { io } = context
  const query = new URLSearchParams({ since, by, ...(until === undefined ? {} : { until }) })
  const usage = await (await context.api()).call<Usage>('GET', `/api/usage?${query}`, { has: 'rows' })
  if (json) return io.out(toJsonLine(usage))
  if (asCsv)
    return io.out(
      csv(
        [by, ...FIGURES],
        usage.rows.map((row) => [row.name ?? '', ...FIGURES.map((f) => row[f])])
      )
    )
  if (usage.rows.length === 0)
    return io.err(`No requests since ${neutraliseLine(usage.since.slice(0, 16).replace('T', ' '))} UTC.\n`)
  io.out(report(usage, io.columns))
}

const FIGURES = [
  'requests',
  'billed',
  'failed',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'credits',
  'refunded'
] as const satisfies (keyof UsageRow)[]

const COLUMNS: readonly (Column & { readonly of: (row: Omit<UsageRow, 'name'>) => string })[] = [
  { title: 'CREDITS', of: ({ credits, refunded }) => showCredits(credits - refunded, 4) },
  { title: 'REQUESTS', drop: 1, of: ({ requests }) => grouped(requests) },
  { title: 'IN', drop: 2, of: ({ input_tokens }) => grouped(input_tokens) },
  { title: 'OUT', drop: 3, of: ({ output_tokens }) => grouped(output_tokens) },
  {
    title: 'CACHED',
    drop: 4,
    of: ({ cache_read_tokens, cache_write_tokens }) => grouped(cache_read_tokens + cache_write_tokens)
  },
  { title: 'FAILED', drop: 5, of: ({ failed }) => grouped(failed) }
]
const BAR_MIN = 8
const BAR_MAX = 30

/** The table, with bars where a terminal has the room. `columns` undefined: no terminal. */
function report({ rows, total, by }: Usage, columns: number | undefined): string {
  const head: Column[] = [
    { title: by.toUpperCase() },
    ...COLUMNS.map((column) => ({ ...column, align: 'right' as const }))
  ]
  const line = (name: string, row: Omit<UsageRow, 'name'>) => [name, ...COLUMNS.map(({ of }) => of(row))]
  const lines = [...rows.map((row) => line(row.name ?? '–', row)), ...(rows.length > 1 ? [line('total', total)] : [])]
  const plain = fittingTable(head, lines, columns)
  const room = columns === undefined ? 0 : Math.min(BAR_MAX, columns - widthOf(plain) - 2)
  const { requests, credits, refunded } = total
  const back = refunded > 0 ? `, ${creditsPhrase(refunded)} of which were given back` : ''
  const text = room >= BAR_MIN && rows.length > 1 ? withBars(plain, rows, room) : plain
  return `${text}\n${counted(requests, 'request')}, ${creditsPhrase(credits)}${back}\n`
}

/** The same table with a bar at the end of each row. */
function withBars(plain: string, rows: readonly UsageRow[], width: number): string {
  const end = widthOf(plain) + 2
  const dearest = Math.max(...rows.map(({ credits }) => credits))
  return plain
    .split('\n')
    .map((text, index) => {
      const bar = barOf(rows[index - 1]?.credits ?? 0, { dearest, width })
      return bar === '' ? text : text + ' '.repeat(end - stringWidth(text)) + bar
    })
    .join('\n')
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A bar as long as its share of the dearest; what cost anything has at least a sliver. */
function barOf(credits: number, { dearest, width }: { dearest: number; width: number }): string {
  if (dearest <= 0 || credits <= 0) return ''
  const eighths = Math.max(1, Math.round((credits / dearest) * width * 8))
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '')
}
