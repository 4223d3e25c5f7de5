import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { neutraliseLine } from '../../lib/sanitize.js'

export interface Options {
  readonly outcome: string
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<id>', 'the request, as `admin requests list` shows it')
    .requiredOption('--outcome <text>', 'what was done, or why nothing was')
    .action((id: string, options: Options) => run({ id, ...options }, context()))
}

export async function run({ id, outcome }: Options & { id: string }, context: Context): Promise<void> {
  const path = `/admin/api/data-requests/${encodeURIComponent(id)}/close`
  await (await context.api()).call('POST', path, { body: { outcome }, has: 'id' })
  context.io.err(`${neutraliseLine(id)} is answered.\n`)
}
