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
  return canonicalWithout(value, NOTHING)
}

/** `detail_hash` of an entry: SHA-256 of the canonical JSON of what it is about. */
export function detailHash(detail: unknown): string {
  return hash('sha256', canonicalJson(detail))
}

/** What entries themselves decide of a receipt, or later ones. */
const NOT_COVERED: ReadonlySet<string> = new Set(['balance', 'ledger_head', 'refunded'])
const NOTHING: ReadonlySet<string> = new Set()

/** A receipt as its entries' `detail_hash` covers it: without what the entries themselves decide, or later ones. */
export function receiptDetailHash(receipt: object): string {
  return hash('sha256', canonicalWithout(receipt, NOT_COVERED))
}

/** The canonical JSON of `value`; of an object without some of its own members, but not of their members. */
function canonicalWithout(value: unknown, omitted: ReadonlySet<string>): string {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null'
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const object = value as Readonly<Record<string, unknown>>
  let members = ''
  for (const { key, label } of sortedKeys(Object.keys(object))) {
    const member = object[key]
    if (member === undefined || omitted.has(key)) continue
    members += `${members && ','}${label}${canonicalWithout(member, NOTHING)}`
  }
  return `{${members}}`
}

/** The keys of objects of one making, as they come and as they are written. */
interface Shape {
  readonly keys: readonly string[]
  readonly sorted: readonly { readonly key: string; readonly label: string }[]
}

/** Nearly all that is written are receipts and their parts: sorting their keys each time takes most of the work. */
const shapes: Shape[] = []
const SHAPES_MAX = 16

function sortedKeys(keys: readonly string[]): Shape['sorted'] {
  for (const shape of shapes) if (isSame(shape.keys, keys)) return shape.sorted
  const sorted = [...keys].sort().map((key) => ({ key, label: `${JSON.stringify(key)}:` }))
  if (shapes.length < SHAPES_MAX) shapes.push({ keys, sorted })
  return sorted
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key, i) => key === b[i])
}
