import { hash } from 'node:crypto'

/*
 * The chain that makes an account's entries tamper-evident: each entry's hash covers the one before
 * it. The encoding is versioned and length-prefixed, so that no two different entries share one.
 */

const VERSION = 'caicaini-entry-v1'

/** `prev_hash` of an account's first entry. */
export const CHAIN_START = '0'.repeat(64)

/** What an entry's hash covers. */
export interface ChainedEntry {
  readonly accountId: string
  readonly accountSeq: bigint
  readonly kind: string
  readonly grantId: string | null
  readonly reference: string
  /** Micro-credits: what the entry adds to the balance, negative for what it takes. */
  readonly amount: bigint
  readonly createdAtMs: number
  readonly detailHash: string
  readonly prevHash: string
}

/**
 * SHA-256, hex, of the fields in the order below, each as `<bytes of its UTF-8>:<text>,` (a netstring),
 * integers in decimal, an absent grant as the empty text.
 */
export function entryHash(entry: ChainedEntry): string {
  const fields = [
    VERSION,
    entry.accountId,
    entry.accountSeq.toString(),
    entry.kind,
    entry.grantId ?? '',
    entry.reference,
    entry.amount.toString(),
    entry.createdAtMs.toString(),
    entry.detailHash,
    entry.prevHash
  ]
  let text = ''
  for (const field of fields) text += `${Buffer.byteLength(field)}:${field},`
  return hash('sha256', text)
}

/** JSON with the keys of every object sorted and no spaces: one text for one value (RFC 8785 for what we store). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const object = value as Readonly<Record<string, unknown>>
  let members = ''
  for (const key of Object.keys(object).sort()) {
    if (object[key] === undefined) continue
    members += `${members && ','}${JSON.stringify(key)}:${canonicalJson(object[key])}`
  }
  return `{${members}}`
}

/** `detail_hash` of an entry: SHA-256 of the canonical JSON of what it is about. */
export function detailHash(detail: unknown): string {
  return hash('sha256', canonicalJson(detail))
}

/** A receipt as its entries' `detail_hash` covers it: without what the entries themselves decide, or later ones. */
export function receiptDetailHash(receipt: object): string {
  const { balance: _balance, ledger_head: _head, refunded: _refunded, ...detail } = receipt as Record<string, unknown>
  return detailHash(detail)
}
