import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { writeStream } from '../../lib/out-file.js'

export interface Options {
  readonly since?: string
  readonly output?: string
}

export function define(command: Command, context: () => Context): void {
  command
    .option('--since <time>', 'none older: 7d, 2026-11-01 or 2026-11-01T12:00:00Z, in UTC; all of it when left out')
    .option('-o, --output <file>', 'write there, whole or not at all; stdout when left out')
    .addHelpText('after', '\nExample:\n  caicaini receipts export -o book.jsonl && caicaini receipts verify book.jsonl')
    .action((options: Options) => run(options, context()))
}

/** The account's book: every entry, receipt and rate, one JSON object a line. */
export async function run({ since, output }: Options, context: Context): Promise<void> {
  const api = await context.api()
  const query = since === undefined ? '' : `?${new URLSearchParams({ since })}`
  await writeStream(await api.stream(`/api/ledger/export${query}`), { output, context })
}
