import { EXIT, type Receipt } from '@caicaini/protocol'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { CliError } from '../../lib/cli-error.js'
import { fields } from '../../lib/format.js'
import { creditsPhrase, grouped, showCredits } from '../../lib/money-text.js'
import { toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<id>', 'the request, as in req_…')
    .option('--json', 'the receipt as JSON')
    .action((id: string, options: Options) => run(id, options, context()))
}

export async function run(id: string, { json }: Options, context: Context): Promise<void> {
  const receipt = await (await context.api()).receipt(id, { waitS: 2 })
  if (!receipt) throw new CliError(EXIT.other, `${id} is not settled yet: ask again in a moment`)
  context.io.out(json ? toJsonLine(receipt) : fields(rows(receipt)))
}

function rows(receipt: Receipt): [string, string][] {
  const used = receipt.model_used === receipt.model ? '' : ` → ${receipt.model_used} (${receipt.route_reason})`
  return [
    ['request', receipt.request_id],
    ['settled', receipt.settled_at],
    ['status', `${receipt.status}${receipt.stop_reason ? ` (${receipt.stop_reason})` : ''}`],
    ['model', `${receipt.model}${used}`],
    ['provider', receipt.provider],
    ...receipt.parts.map(({ kind, quantity, rate }): [string, string] => [
      kind.replaceAll('_', ' '),
      `${grouped(quantity)} tokens at ${showCredits(rate / 1e6)} credits per million`
    ]),
    ['charged', charged(receipt)],
    ['balance', creditsPhrase(receipt.balance)],
    ['time', time(receipt)],
    ['rate card', receipt.rate_version],
    ['ledger', receipt.ledger_head]
  ]
}

function charged({ credits, from_subscription, from_topup, estimated, discount, uncollected, clamped }: Receipt) {
  return [
    `${creditsPhrase(credits)} (${showCredits(from_subscription)} subscription, ${showCredits(from_topup)} top-up)`,
    ...(discount > 0 ? [`${discount} % off`] : []),
    ...(estimated ? ['estimated'] : []),
    ...(clamped ? [`max_tokens lowered to ${grouped(clamped)}`] : []),
    ...(uncollected > 0 ? [`${creditsPhrase(uncollected)} uncollected`] : [])
  ].join('; ')
}

function time({ latency_ms, first_token_ms }: Receipt): string {
  const first = first_token_ms === null ? '' : `, first token after ${grouped(first_token_ms)} ms`
  return `${grouped(latency_ms)} ms${first}`
}
