import { creditsToJson, type Receipt, type ReceiptWarning, receiptDetailHash } from '@caicaini/protocol'
import type { Book } from '../book.js'
import { balanceOf, planBurn, sumOf, takeFrom } from '../burn.js'
import type { Hold, Movement, Outcome, ReleaseOp, ResolveResult, SettleOp } from '../model.js'
import { changeGrant } from './change.js'
import { quotaAt } from './quota.js'
import { monthOf, warnAfterCharge } from './warnings.js'

/**
 * Charges from the grants that the hold reserved, even when they have expired since; more than was
 * held comes from what is available, and what nobody has is `uncollected`.
 */
export function decideSettle(book: Book, op: SettleOp): ResolveResult {
  const hold = book.hold(op.requestId)
  if (hold?.state !== 'held') return { ok: false, state: hold?.state ?? 'missing' }
  const month = monthOf(book.grants(hold.accountId), book.nowMs)
  giveBack(book, hold)
  const reserved = takeFrom(hold.allocation, op.charge)
  for (const movement of reserved) changeGrant(book, hold.accountId, movement, { remaining: -1n })
  const extra = planBurn(book.grants(hold.accountId), op.charge - sumOf(reserved), book.nowMs)
  for (const movement of extra) changeGrant(book, hold.accountId, movement, { remaining: -1n })

  const taken = merge([...reserved, ...extra])
  const collected = sumOf(taken)
  const uncollected = op.charge - collected
  for (const id of keysOf(hold)) {
    const quota = quotaAt(book.quota(id), book.nowMs)
    book.putQuota({ ...quota, used: quota.used + collected, usedTotal: quota.usedTotal + collected })
  }
  book.resolveHold(hold, 'settled')
  const warnings = warnAfterCharge(book, hold, month)
  const receipt = receiptOf(book, hold, { outcome: op.outcome, taken, uncollected, warnings })
  // A charge of zero still leaves its line in the book.
  const lines = taken.length > 0 ? taken : [{ grantId: hold.allocation[0]?.grantId ?? null, amount: 0n }]
  book.append(
    { accountId: hold.accountId, kind: 'spend', reference: hold.requestId, detailHash: receiptDetailHash(receipt) },
    lines.map(({ grantId, amount }) => ({ grantId, amount: -amount }))
  )
  return { ok: true, receipt: file(book, hold, receipt, { collected, uncollected, errorCode: null }) }
}

export function decideRelease(book: Book, op: ReleaseOp): ResolveResult {
  const hold = book.hold(op.requestId)
  if (hold?.state !== 'held') return { ok: false, state: hold?.state ?? 'missing' }
  giveBack(book, hold)
  book.resolveHold(hold, 'released')
  const receipt = receiptOf(book, hold, { outcome: op.outcome, taken: [], uncollected: 0n, warnings: [] })
  const { errorCode } = op
  return { ok: true, receipt: file(book, hold, receipt, { collected: 0n, uncollected: 0n, errorCode }) }
}

function keysOf({ keyId, parentKeyId }: Pick<Hold, 'keyId' | 'parentKeyId'>): string[] {
  return parentKeyId === null ? [keyId] : [keyId, parentKeyId]
}

function giveBack(book: Book, hold: Hold): void {
  for (const movement of hold.allocation) changeGrant(book, hold.accountId, movement, { held: -1n })
  for (const id of keysOf(hold)) {
    const quota = quotaAt(book.quota(id), book.nowMs)
    book.putQuota({ ...quota, held: quota.held - hold.amount })
  }
}

interface End {
  readonly outcome: Outcome
  readonly taken: readonly Movement[]
  readonly uncollected: bigint
  readonly warnings: readonly ReceiptWarning[]
}

function receiptOf(book: Book, hold: Hold, { outcome, taken, uncollected, warnings }: End): Receipt {
  const ofSubscription = taken.filter(({ grantId }) => book.grant(hold.accountId, grantId).kind === 'subscription')
  const fromSubscription = sumOf(ofSubscription)
  const collected = sumOf(taken)
  const { context } = hold
  return {
    request_id: hold.requestId,
    model: context.model,
    route_reason: context.routeReason,
    provider: context.provider,
    rate_version: context.rateVersion,
    discount: context.discount,
    clamped: context.clamped,
    ...outcome,
    credits: creditsToJson(collected),
    from_subscription: creditsToJson(fromSubscription),
    from_topup: creditsToJson(collected - fromSubscription),
    uncollected: creditsToJson(uncollected),
    settled_at: new Date(book.nowMs).toISOString(),
    warnings,
    balance: creditsToJson(balanceOf(book.grants(hold.accountId), book.nowMs)),
    ledger_head: ''
  }
}

/** Stores the receipt with the chain's head as it now is. */
function file(
  book: Book,
  hold: Hold,
  draft: Receipt,
  { collected, uncollected, errorCode }: { collected: bigint; uncollected: bigint; errorCode: string | null }
): Receipt {
  const receipt = { ...draft, ledger_head: book.head(hold.accountId).hash }
  book.changes.receipts.push({
    accountId: hold.accountId,
    keyId: hold.keyId,
    credits: collected,
    uncollected,
    settledAtMs: book.nowMs,
    receipt,
    context: hold.context,
    errorCode
  })
  return receipt
}

/** One movement a grant: what was reserved of it and what came on top. */
function merge(movements: readonly Movement[]): Movement[] {
  const sums = new Map<string, bigint>()
  for (const { grantId, amount } of movements) sums.set(grantId, (sums.get(grantId) ?? 0n) + amount)
  return [...sums].map(([grantId, amount]) => ({ grantId, amount }))
}
