import type { Receipt } from './receipt.js'

/*
 * An account's book as a file: one JSON object a line. All that the hashes cover is in it, so that
 * whoever has the file can check it without us.
 */

/** The first line: whose book, and where it stood. */
export interface AccountLine {
  readonly type: 'account'
  readonly version: 1
  readonly account_id: string
  /** RFC 3339; null = from the account's first entry on. */
  readonly since: string | null
  readonly exported_at: string
  /** Number of the last entry. */
  readonly entries: number
  /** Its hash; null where there is none yet. */
  readonly head: string | null
}

export interface EntryLine {
  readonly type: 'entry'
  readonly account_seq: number
  readonly kind: string
  readonly grant_id: string | null
  readonly reference: string
  /** What it adds to the balance, in credits; negative for what it takes. */
  readonly credits: number
  readonly created_at_ms: number
  readonly detail_hash: string
  readonly prev_hash: string
  readonly hash: string
  /** What `detail_hash` covers; null for a charge, whose receipt follows. */
  readonly detail: object | null
}

/** After the first line of its charge. */
export interface ReceiptLine {
  readonly type: 'receipt'
  readonly receipt: Receipt
}

/** A published rate, as the catalog has it: what receipts name by `version`. */
export interface RateLine {
  readonly type: 'rate'
  /** `<model>@<day>`. */
  readonly version: string
  readonly rate: object
}

export type ExportLine = AccountLine | RateLine | EntryLine | ReceiptLine
