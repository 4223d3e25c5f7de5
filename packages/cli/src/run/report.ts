import type { UsageRow } from '@caicaini/protocol/api'
import type { Context } from '../context.js'
import type { ApiClient } from '../lib/api-client.js'
import { fittingTable } from '../lib/format.js'
import { counted, creditsPhrase, grouped, showCredits } from '../lib/money-text.js'
import { neutraliseLine } from '../lib/sanitize.js'

interface Ran {
  readonly command: string
  readonly startedAtMs: number
}

/** What a run cost, by model and by subagent, on stderr. Nothing of it may keep the run from ending. */
export async function reportCost(
  { command, startedAtMs }: Ran,
  { own, context: { io, clock } }: { own: Pick<ApiClient, 'usageOf' | 'self'>; context: Pick<Context, 'io' | 'clock'> }
): Promise<void> {
  const since = new Date(startedAtMs - 60_000).toISOString()
  try {
    const [byModel, byAgent, { key }] = await Promise.all([
      own.usageOf({ since, by: 'model' }),
      own.usageOf({ since, by: 'agent' }),
      own.self()
    ])
    const { requests, credits, refunded } = byModel.total
    const minutes = Math.round((clock.nowMs() - startedAtMs) / 60_000)
    const line = [
      `↳ ${neutraliseLine(command)}`,
      `${showCredits(credits - refunded, 2)} of ${creditsPhrase(key.quota, 2)}`,
      counted(requests, 'request'),
      ...(minutes > 0 ? [`${grouped(minutes)} min`] : [])
    ].join(' · ')
    const tables = [
      ...(byModel.rows.length > 1 ? [tableOf('MODEL', byModel.rows, io.columns)] : []),
      // Who names no agent is the one that the others were started by.
      ...(byAgent.rows.some(({ name }) => name !== null) ? [tableOf('AGENT', byAgent.rows, io.columns)] : [])
    ]
    io.err(`${tables.join('')}${io.dim(line)}\n`)
  } catch {
    io.err('↳ cost not known yet · caicaini usage --by session\n')
  }
}

function tableOf(title: string, rows: readonly UsageRow[], columns: number | undefined): string {
  const head = [
    { title },
    { title: 'CREDITS', align: 'right' as const },
    { title: 'REQUESTS', align: 'right' as const },
    { title: 'IN', align: 'right' as const, drop: 1 },
    { title: 'OUT', align: 'right' as const, drop: 2 }
  ]
  const lines = rows.map(({ name, credits, refunded, requests, input_tokens, output_tokens }) => [
    name ?? (title === 'AGENT' ? 'main' : '–'),
    showCredits(credits - refunded, 4),
    grouped(requests),
    grouped(input_tokens),
    grouped(output_tokens)
  ])
  return fittingTable(head, lines, columns)
}
