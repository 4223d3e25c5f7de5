/** How a request ended. Only `complete` and `aborted` are billed. */
export type ReceiptStatus = 'complete' | 'aborted' | 'failed' | 'released'

/** One summand of a charge: `quantity` units at `rate` micro-credits per million units. */
export interface ReceiptPart {
  /**
   * Tokens: `input`, `output`, `cache_read`, `cache_write_5m`, `cache_write_1h`. Pieces: `image`, `request`, `character`,
   * `audio_second`, and `tool:NAME` for calls of a tool that runs at the provider. A text, so that a reader survives later kinds.
   */
  readonly kind: string
  readonly quantity: number
  /** Integer micro-credits per million. */
  readonly rate: number
}

/** `percent` of something is gone, said once: a key's quota (`parent_key`: of the key that a session's was made from), this month's subscription credits, or the balance as it was when it last grew. */
export interface ReceiptWarning {
  readonly of: 'key' | 'parent_key' | 'month' | 'balance'
  readonly percent: 80 | 95
}

/** What a request was billed, as it travels in JSON: credits are decimal numbers of credits. */
export interface Receipt {
  readonly request_id: string
  readonly status: ReceiptStatus
  readonly model: string
  readonly model_used: string
  readonly route_reason: string
  readonly provider: string
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_read_tokens: number
  readonly cache_write_tokens: number
  readonly parts: readonly ReceiptPart[]
  readonly rate_version: string
  /** Percent taken off the sum of the parts, 0 where there is none. */
  readonly discount: number
  readonly credits: number
  readonly from_subscription: number
  readonly from_topup: number
  /** What the balance could not cover; not owed by the customer. */
  readonly uncollected: number
  /** The counts are ours, not the provider's: it sent none before the end. */
  readonly estimated: boolean
  /** max_tokens was lowered to this, for the balance afforded no more; null where it was not. */
  readonly clamped: number | null
  readonly stop_reason: string | null
  readonly latency_ms: number
  readonly first_token_ms: number | null
  readonly settled_at: string
  /** Said on the one receipt that crossed the line. */
  readonly warnings: readonly ReceiptWarning[]
  /** Balance right after this charge. */
  readonly balance: number
  /** Hash of the account's last ledger entry once this was settled. */
  readonly ledger_head: string
  /** Credits given back since; not on the receipt as it was settled. */
  readonly refunded?: number | undefined
}

/** Response header of plain answers that carries the receipt as JSON. */
export const RECEIPT_HEADER = 'caicaini-receipt'

/** The SSE comment line of streams begins so; the rest of the line is the receipt as JSON. */
export const RECEIPT_COMMENT = 'caicaini-receipt '

/** The event name of streams whose client asked for `x-caicaini-receipt: event`. */
export const RECEIPT_EVENT = 'caicaini_receipt'

const NUMBERS = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'credits',
  'balance'
] as const
const TEXTS = ['request_id', 'status', 'model', 'model_used', 'provider'] as const

/** The receipt in a decoded JSON value; undefined when a field that people are shown is missing. */
export function parseReceipt(value: unknown): Receipt | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const fields = value as Record<string, unknown>
  const whole =
    NUMBERS.every((name) => typeof fields[name] === 'number') && TEXTS.every((name) => typeof fields[name] === 'string')
  return whole ? (value as Receipt) : undefined
}

/** The receipt in a JSON text, from the header, an SSE comment or an event; undefined when it is none. */
export function parseReceiptJson(text: string): Receipt | undefined {
  try {
    return parseReceipt(JSON.parse(text))
  } catch {
    return undefined
  }
}
