import type { ProviderModel, ProviderStatus, ServerStatus } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { table } from '../../lib/format.js'
import { grouped } from '../../lib/money-text.js'
import { neutraliseLine, toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command.option('--json', 'all of it as JSON').action((options: Options) => run(options, context()))
}

export async function run({ json }: Options, context: Context): Promise<void> {
  const { io } = context
  const servers = await (await context.api()).providers()
  if (json) return io.out(toJsonLine({ servers }))
  for (const server of servers) {
    io.err(io.dim(`${neutraliseLine(headline(server))}\n`))
    const rows = server.providers.flatMap(rowsOf)
    io.out(rows.length > 0 ? table(COLUMNS, rows) : 'no provider has a key\n')
    for (const line of server.providers.flatMap(keyLines)) io.out(`${neutraliseLine(line)}\n`)
  }
}

const COLUMNS = [
  { title: 'PROVIDER' },
  { title: 'MODEL' },
  { title: 'ASKED', align: 'right' },
  { title: 'ERRORS', align: 'right' },
  { title: 'FIRST TOKEN', align: 'right' },
  { title: 'WHOLE ANSWER', align: 'right' },
  { title: 'BREAKER' }
] as const

function headline({ instance, host, pid, serving, as_of }: ServerStatus): string {
  const time = `${as_of.slice(0, 16).replace('T', ' ')} UTC`
  if (!serving) return `No server is running on this data. This command, pid ${pid}, at ${time}:`
  // Behind the host's name stands what tells its containers apart.
  return `${instance} on ${host.split(' ')[0]}, pid ${pid}, the 15 minutes before ${time}; p50/p95/p99 in seconds:`
}

function rowsOf({ name, configured, models }: ProviderStatus): string[][] {
  return configured || models.some(({ requests }) => requests > 0)
    ? models.map((model) => [name, ...cellsOf(model)])
    : []
}

function cellsOf({
  model,
  requests,
  errors,
  error_rate,
  first_token_ms,
  latency_ms,
  ...rest
}: ProviderModel): string[] {
  const share = error_rate === null || errors === 0 ? '' : ` (${Math.round(error_rate * 100)} %)`
  const since = rest.breaker_since === null ? '' : ` since ${rest.breaker_since.slice(11, 19)} UTC`
  return [
    model,
    grouped(requests),
    `${grouped(errors)}${share}`,
    spread(first_token_ms),
    spread(latency_ms),
    rest.breaker + since
  ]
}

function spread(percentiles: ProviderModel['latency_ms']): string {
  if (percentiles === null) return '–'
  const { p50, p95, p99 } = percentiles
  return [p50, p95, p99].map((ms) => (ms / 1000).toFixed(ms < 10_000 ? 2 : 0)).join('/')
}

/** Only what is wrong: a key that works needs no line. */
function keyLines({ name, keys }: ProviderStatus): string[] {
  return keys.flatMap(({ env, last_status, set_aside_until }) => {
    if (last_status === null) return []
    const aside = set_aside_until === null ? 'tried again' : `set aside until ${set_aside_until.slice(11, 19)} UTC`
    return [`${name}: ${env} was refused (${last_status}) and is ${aside}`]
  })
}
