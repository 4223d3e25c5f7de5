import { COST_UNITS_PER_MICRO, ceilDiv } from '@caicaini/protocol'
import { type Book, repeatId } from '../book.js'
import { availableOf, planBurn } from '../burn.js'
import type { HoldOp, HoldResult } from '../model.js'
import { changeGrant } from './change.js'
import { quotaAt, quotaLeft } from './quota.js'

/** How long a caller's own key of a call stands for that call. */
export const REPEAT_MS = 24 * 60 * 60 * 1000

/** Reserves what the answer may cost, fewer output tokens where the balance or a key's own limit affords no more. */
export function decideHold(book: Book, op: HoldOp): HoldResult {
  const earlier = earlierCall(book, op)
  if (earlier) return earlier
  const { budget, reason } = budgetOf(book, op)
  const costOf = (tokens: number) => ceilDiv(op.inputCost + op.outputRate * BigInt(tokens), COST_UNITS_PER_MICRO)
  const tokens = costOf(op.tokensWanted) <= budget ? op.tokensWanted : affordableTokens(op, budget)
  if (tokens < op.tokensLeast || costOf(tokens) > budget) {
    return { ok: false, reason, affordableTokens: Math.min(tokens, op.tokensWanted), available: budget }
  }
  const clamped = tokens < op.tokensWanted ? tokens : null
  reserve(book, op, { amount: costOf(tokens), clamped })
  return { ok: true, amount: costOf(tokens), tokens, clamped }
}

/** An earlier call of the same key that is under way or was billed. One that ended without a charge may be tried again. */
function earlierCall(book: Book, { accountId, repeatKey }: HoldOp): HoldResult | undefined {
  if (repeatKey === null) return undefined
  const repeat = book.repeat(repeatId({ accountId, repeatKey }))
  if (!repeat || repeat.state === 'released' || book.nowMs - repeat.createdAtMs >= REPEAT_MS) return undefined
  return { ok: false, reason: 'repeat', requestId: repeat.requestId, state: repeat.state }
}

/** The least of what the balance, the key and the key it was derived from still allow, and whose that is. */
function budgetOf(book: Book, { accountId, keyId, parentKeyId }: HoldOp) {
  let budget = availableOf(book.grants(accountId), book.nowMs)
  let reason: 'balance' | 'key_quota' | 'parent_key_quota' = 'balance'
  const own = quotaLeft(quotaAt(book.quota(keyId), book.nowMs))
  if (own !== undefined && own < budget) [budget, reason] = [own, 'key_quota']
  const parents = parentKeyId === null ? undefined : quotaLeft(quotaAt(book.quota(parentKeyId), book.nowMs))
  if (parents !== undefined && parents < budget) [budget, reason] = [parents, 'parent_key_quota']
  return { budget, reason }
}

/** Output tokens that `budget` micro-credits afford after the input is paid, rounded down. */
function affordableTokens({ inputCost, outputRate, tokensWanted }: HoldOp, budget: bigint): number {
  const left = budget * COST_UNITS_PER_MICRO - inputCost
  if (left < 0n) return 0
  if (outputRate === 0n) return tokensWanted
  const tokens = left / outputRate
  return tokens < BigInt(tokensWanted) ? Number(tokens) : tokensWanted
}

function reserve(book: Book, op: HoldOp, { amount, clamped }: { amount: bigint; clamped: number | null }): void {
  const { requestId, accountId, keyId, parentKeyId, instanceId, epoch, repeatKey } = op
  const allocation = planBurn(book.grants(accountId), amount, book.nowMs)
  for (const movement of allocation) changeGrant(book, accountId, movement, { held: 1n })
  for (const id of parentKeyId === null ? [keyId] : [keyId, parentKeyId]) {
    const quota = quotaAt(book.quota(id), book.nowMs)
    book.putQuota({ ...quota, held: quota.held + amount })
  }
  if (repeatKey !== null) book.putRepeat({ accountId, repeatKey, requestId })
  book.openHold({
    requestId,
    accountId,
    keyId,
    parentKeyId,
    instanceId,
    epoch,
    state: 'held',
    amount,
    allocation,
    context: { ...op.context, clamped },
    createdAtMs: book.nowMs,
    resolvedAtMs: null
  })
}
