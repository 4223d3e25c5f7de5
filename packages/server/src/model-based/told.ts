import { AppError } from '@caicaini/protocol'
import type { HoldContext, Outcome, ResolveResult } from '../ledger/model.js'
import type { PlainReceipt } from './plain-shapes.js'

/* What programs tell the ledger that does not matter to it, and what of its answers is compared. */

export const context: Omit<HoldContext, 'clamped'> = {
  model: 'haiku',
  modelUsed: 'claude-haiku-4-5',
  routeReason: 'you picked this model',
  provider: 'sandbox',
  rateVersion: 'v1',
  discount: 0,
  client: null,
  agent: null,
  session: null,
  repo: null,
  branch: null
}

export const outcome = (status: Outcome['status']): Outcome => ({
  status,
  model_used: 'claude-haiku-4-5',
  input_tokens: 1,
  output_tokens: 1,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  parts: [],
  estimated: false,
  stop_reason: null,
  latency_ms: 1,
  first_token_ms: null
})

const DAY_MS = 86_400_000

export function turnAfter(of: 'day' | 'month', atMs: number): number {
  if (of === 'day') return atMs - (atMs % DAY_MS) + DAY_MS
  const date = new Date(atMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
}

export function refusal(error: unknown): 'refused' {
  if (error instanceof AppError) return 'refused'
  throw error
}

/** Of a receipt, what the ledger decides: the rest is the gateway's. */
export function told(result: unknown): unknown {
  if (typeof result !== 'object' || result === null || !('receipt' in result)) return result
  const { receipt } = result as ResolveResult & { ok: true }
  const { credits, from_subscription, from_topup, uncollected, balance, clamped, warnings } = receipt
  const decided: PlainReceipt = { credits, from_subscription, from_topup, uncollected, balance, clamped, warnings }
  return { ok: true, receipt: decided }
}
