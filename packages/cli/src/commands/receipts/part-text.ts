import type { ReceiptPart } from '@caicaini/protocol'
import { decimals } from '../../lib/money-text.js'

const TOKEN_KINDS: readonly string[] = ['input', 'output', 'cache_read', 'cache_write_5m', 'cache_write_1h']

/** `cache read`, `image`, `web search`: what a part is of, for people. */
export function partLabel({ kind }: Pick<ReceiptPart, 'kind'>): string {
  return kind.replace(/^tool:/, '').replaceAll('_', ' ')
}

/** Whether a part counts tokens. Whatever this version does not know is counted by the piece. */
export function isTokens({ kind }: Pick<ReceiptPart, 'kind'>): boolean {
  return TOKEN_KINDS.includes(kind)
}

/** The price of one piece, or of a million tokens, in credits and exactly. */
export function partPrice(part: Pick<ReceiptPart, 'kind' | 'rate'>): string {
  // A rate is micro-credits per million units: 10⁻¹² credits for each.
  return isTokens(part) ? decimals(BigInt(part.rate), 6) : decimals(BigInt(part.rate), 12)
}
