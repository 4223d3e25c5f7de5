import { EXIT } from '@caicaini/protocol'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { CliError } from '../../lib/cli-error.js'
import { grouped } from '../../lib/money-text.js'
import { neutraliseLine, toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<name>', 'a provider of the catalog')
    .option('--json', 'the result as JSON')
    .action((name: string, options: Options) => run(name, options, context()))
}

export async function run(name: string, { json }: Options, context: Context): Promise<void> {
  const { io } = context
  const result = await (await context.api()).testProvider(name)
  const { provider, model, ok, latency_ms, mend } = result
  if (json) io.out(toJsonLine(result))
  else if (ok) io.out(`${neutraliseLine(`${provider}: ${model}`)} answered in ${grouped(latency_ms ?? 0)} ms\n`)
  if (!ok) throw new CliError(EXIT.network, mend ?? `${provider} did not answer`)
}
