import type { DataRequest } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { table } from '../../lib/format.js'
import { toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly all?: boolean
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .option('--all', 'those that were answered too')
    .option('--json', 'the list as JSON')
    .action((options: Options) => run(options, context()))
}

export async function run({ all, json }: Options, context: Context): Promise<void> {
  const { io } = context
  const path = `/admin/api/data-requests${all ? '?all=true' : ''}`
  const { requests } = await (await context.api()).call<{ requests: DataRequest[] }>('GET', path, { has: 'requests' })
  if (json) return io.out(toJsonLine({ requests }))
  if (requests.length === 0) return io.err('Nobody waits for an answer about their data.\n')
  const rows = requests.map(({ id, kind, due_at, username, contact, message, outcome }) => [
    due_at.slice(0, 10),
    id,
    kind,
    username ?? '',
    contact,
    outcome ?? message.replace(/\s+/g, ' ').slice(0, 60)
  ])
  const head = ['DUE', 'ID', 'WHAT', 'ACCOUNT', 'ANSWER TO', 'MESSAGE OR OUTCOME'].map((title) => ({ title }))
  io.out(table(head, rows))
}
