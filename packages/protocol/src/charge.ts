import { COST_UNITS_PER_MICRO, ceilDiv } from './money.js'
import type { ReceiptPart } from './receipt.js'

/** `Σ quantity × rate`, exactly, in millionths of a micro-credit: before any discount. */
export function sumOfParts(parts: readonly Pick<ReceiptPart, 'quantity' | 'rate'>[]): bigint {
  return parts.reduce((sum, { quantity, rate }) => sum + BigInt(quantity) * BigInt(rate), 0n)
}

/**
 * What `parts` cost less `discountPercent` (whole, 0 to 100), in micro-credits: summed exactly and
 * rounded up once. The server charges by this and anybody can recompute a receipt by it: for one that
 * was billed, it is `credits` + `uncollected`.
 */
export function chargeOf(parts: readonly Pick<ReceiptPart, 'quantity' | 'rate'>[], discountPercent: number): bigint {
  return ceilDiv(sumOfParts(parts) * BigInt(100 - discountPercent), COST_UNITS_PER_MICRO)
}
