import { type Command, Option } from 'commander'
import type { Context } from '../../context.js'
import { writeStream } from '../../lib/out-file.js'

export interface Options {
  readonly since?: string
  readonly format: 'csv' | 'jsonl'
  readonly output?: string
}

export function define(command: Command, context: () => Context): void {
  command
    .option('--since <time>', 'none older: 7d, 2026-11-01 or 2026-11-01T12:00:00Z, in UTC; all of it when left out')
    .addOption(new Option('--format <format>', 'how each entry is written').choices(['csv', 'jsonl']).default('jsonl'))
    .option('-o, --output <file>', 'write there, whole or not at all; stdout when left out')
    .action((options: Options) => run(options, context()))
}

/** Every entry of every account, for the operator's own books. */
export async function run({ since, format, output }: Options, context: Context): Promise<void> {
  const api = await context.api()
  const query = new URLSearchParams({ format, ...(since === undefined ? {} : { since }) })
  await writeStream(await api.stream(`/admin/api/ledger/export?${query}`), { output, context })
}
