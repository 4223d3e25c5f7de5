import type { GrantCredits } from '@caicaini/protocol/api'
import { type Command, Option } from 'commander'
import type { Context } from '../../context.js'
import { creditsPhrase } from '../../lib/money-text.js'
import { parseCreditsOption, parseTimeOption } from '../../lib/option-values.js'
import { toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly kind: NonNullable<GrantCredits['kind']>
  readonly reference?: string
  readonly reason?: string
  readonly expires?: string
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  const kinds = ['adjustment', 'promotion', 'topup', 'service_refund'] satisfies Options['kind'][]
  command
    .argument('<username>', 'whose account')
    .argument('<credits>', 'how many', parseCreditsOption)
    .addOption(new Option('--kind <kind>', 'what the grant counts as').choices(kinds).default('adjustment'))
    .option('--reference <text>', 'given twice, the second grants nothing')
    .option('--reason <text>', 'why: kept with the grant')
    .option('--expires <time>', 'when what is left ends, such as 2027-01-31 or 2027-01-31T12:00:00Z', parseTimeOption)
    .option('--json', 'the grant as JSON')
    .action((username: string, credits: number, options: Options) => run({ username, credits }, options, context()))
}

export async function run(
  { username, credits }: { username: string; credits: number },
  { kind, reference, reason, expires, json }: Options,
  context: Context
): Promise<void> {
  const { io } = context
  const granted = await (await context.api()).grantCredits({
    username,
    credits,
    kind,
    ...(reference === undefined ? {} : { reference }),
    ...(reason === undefined ? {} : { reason }),
    ...(expires === undefined ? {} : { expires_at: expires })
  })
  if (json) return io.out(toJsonLine(granted))
  const what = granted.granted
    ? `Granted ${creditsPhrase(credits)} to ${username}`
    : `Already granted under the reference "${reference}"`
  io.err(`${what}. Balance: ${creditsPhrase(granted.balance)}.\n`)
}
