import { EXIT, type Receipt } from '@caicaini/protocol'
import { type Command, Option } from 'commander'
import type { Context } from '../../context.js'
import { CliError } from '../../lib/cli-error.js'
import { fields } from '../../lib/format.js'
import { creditsPhrase, grouped, showCredits } from '../../lib/money-text.js'
import { toJsonLine } from '../../lib/sanitize.js'
import { explain } from './explain.js'
import { isTokens, partLabel, partPrice } from './part-text.js'

export interface Options {
  readonly json?: boolean
  readonly explain?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<id>', 'the request, as in req_…')
    .addOption(new Option('--explain', 'the sum line by line, recomputed here').conflicts('json'))
    .option('--json', 'the receipt as JSON')
    .action((id: string, options: Options) => run(id, options, context()))
}

/** With `explain`, exit 1 where the receipt's own sum comes to something else than it charged. */
export async function run(id: string, { json, explain: line }: Options, context: Context): Promise<void> {
  const receipt = await (await context.api()).receipt(id, { waitS: 2 })
  if (!receipt) throw new CliError(EXIT.other, `${id} is not settled yet: ask again in a moment`)
  if (!line) return context.io.out(json ? toJsonLine(receipt) : fields(rows(receipt)))
  const { text, agrees } = explain(receipt, context.io.columns)
  context.io.out(text)
  if (!agrees) throw new CliError(EXIT.other, `${id}: the receipt does not add up`)
}

function rows(receipt: Receipt): [string, string][] {
  const used = receipt.model_used === receipt.model ? '' : ` → ${receipt.model_used} (${receipt.route_reason})`
  return [
    ['request', receipt.request_id],
    ['settled', receipt.settled_at],
    ['status', `${receipt.status}${receipt.stop_reason ? ` (${receipt.stop_reason})` : ''}`],
    ['model', `${receipt.model}${used}`],
    ['provider', receipt.provider],
    ...receipt.parts.map((part): [string, string] => [
      partLabel(part),
      isTokens(part)
        ? `${grouped(part.quantity)} tokens at ${partPrice(part)} credits per million`
        : `${grouped(part.quantity)} at ${partPrice(part)} credits each`
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
