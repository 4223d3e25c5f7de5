import type { Receipt, ReceiptWarning } from '@caicaini/protocol'
import { creditsPhrase, grouped, showCredits } from './money-text.js'
import { neutraliseLine } from './sanitize.js'

/** Whether the server was left to choose. */
function isAuto({ model }: Pick<Receipt, 'model'>): boolean {
  return ['auto', 'caicaini/auto', 'claude-auto'].includes(model)
}

/** A model as people name it: without our prefix; what `auto` chose. */
export function modelName(receipt: Pick<Receipt, 'model' | 'model_used'>): string {
  return (isAuto(receipt) ? receipt.model_used : receipt.model).replace(/^caicaini\//, '')
}

/**
 * `↳ haiku · 1,204 in · 312 out · 2.76 credits · balance 9,912.3`, with what else must be said. `why`, for
 * where a person reads it: the sentence for which `auto` chose the model, last. `seconds`: how long it took.
 */
export function costLine(
  receipt: Receipt,
  { why = false, seconds }: { why?: boolean; seconds?: number | undefined } = {}
): string {
  const { input_tokens, output_tokens, cache_read_tokens, credits, balance } = receipt
  return neutraliseLine(
    [
      `↳ ${modelName(receipt)}`,
      `${grouped(input_tokens)} in`,
      ...(cache_read_tokens > 0 ? [`${grouped(cache_read_tokens)} cached`] : []),
      `${grouped(output_tokens)} out`,
      creditsPhrase(credits, 2),
      ...(seconds === undefined ? [] : [`${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`]),
      `balance ${showCredits(balance, 2)}`,
      ...remarks(receipt),
      ...(why && isAuto(receipt) && receipt.route_reason ? [receipt.route_reason] : [])
    ].join(' · ')
  )
}

const GONE: Readonly<Record<ReceiptWarning['of'], string>> = {
  key: "this key's quota",
  parent_key: 'the quota of the key that this one was made from',
  month: "this month's subscription credits",
  balance: 'the balance'
}

/** What the charge brought near its end, one line each; the server says each of them once. */
export function warningLines({ warnings = [] }: Partial<Pick<Receipt, 'warnings'>>): string[] {
  return warnings.map(({ of, percent }) => `! ${percent} % of ${GONE[of] ?? neutraliseLine(String(of))} used`)
}

/** The line when the receipt could not be had. */
export function costUnknownLine(requestId: string | undefined): string {
  return requestId === undefined
    ? '↳ cost not known: the server sent no receipt'
    : `↳ cost not known yet · caicaini receipts show ${neutraliseLine(requestId)}`
}

function remarks(receipt: Receipt): string[] {
  return [
    ...(receipt.provider === 'sandbox' ? ['sandbox'] : []),
    ...(receipt.estimated ? ['estimated'] : []),
    ...(receipt.clamped ? [`clamped to ${grouped(receipt.clamped)}`] : []),
    ...(receipt.uncollected > 0 ? [`${creditsPhrase(receipt.uncollected, 2)} uncollected`] : []),
    ...(receipt.stop_reason === 'max_tokens' ? ['stopped at max_tokens'] : []),
    ...(receipt.status === 'failed' || receipt.status === 'released' ? ['not billed'] : [])
  ]
}
