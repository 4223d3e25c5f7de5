import type { Book } from '../book.js'
import { balanceOf, isExpired, sumOf } from '../burn.js'
import type { Charged, RefundOp, RefundResult } from '../model.js'
import { changeGrant } from './change.js'
import { enterGrant, markGrowth, refuseBeyondJson } from './grant.js'
import { quotaAt } from './quota.js'

/**
 * Reverses a charge: what was taken goes back to the grants it was taken from. What those have expired
 * since cannot be spent from them; a lasting grant of the same amount makes up for it.
 */
export function decideRefund(book: Book, op: RefundOp): RefundResult {
  const { accountId, requestId, detail } = op
  const charge = book.charge(requestId)
  if (!charge || charge.credits === charge.refunded) return { refunded: 0n, again: (charge?.refunded ?? 0n) > 0n }
  refuseBeyondJson(book, accountId, charge.credits)
  const isGone = ({ grantId }: { grantId: string }) => isExpired(book.grant(accountId, grantId), book.nowMs)
  const returned = charge.taken.filter((movement) => !isGone(movement))
  for (const movement of returned) changeGrant(book, accountId, movement, { remaining: 1n })
  book.appendDetailed({ accountId, kind: 'refund', reference: requestId, detail }, returned)
  const replaced = sumOf(charge.taken) - sumOf(returned)
  if (replaced > 0n) {
    enterGrant(book, accountId, {
      id: op.grantId,
      kind: 'service_refund',
      amount: replaced,
      startsAtMs: book.nowMs,
      expiresAtMs: null,
      reference: `refund:${requestId}`,
      detail
    })
  }
  giveQuotaBack(book, charge)
  book.putRefunded(charge, charge.credits)
  markGrowth(book, accountId, balanceOf(book.grants(accountId), book.nowMs))
  return { refunded: charge.credits, again: false }
}

/** Of a quota by the day or month, only a charge of the present one comes back. */
function giveQuotaBack(book: Book, { keyId, parentKeyId, credits, settledAtMs }: Charged): void {
  for (const id of parentKeyId === null ? [keyId] : [keyId, parentKeyId]) {
    const quota = quotaAt(book.quota(id), book.nowMs)
    const isPresent = quota.period === 'life' || settledAtMs >= quota.periodStartMs
    const usedTotal = quota.usedTotal - credits
    const used = isPresent ? quota.used - credits : quota.used
    // A clock set back may date a charge before the period that it counted in.
    book.putQuota({ ...quota, used: clamp(used, usedTotal), usedTotal })
  }
}

function clamp(amount: bigint, most: bigint): bigint {
  return amount < 0n ? 0n : amount > most ? most : amount
}
