import type { ReceiptWarning } from '@caicaini/protocol'
import type { Book, Head } from '../book.js'
import { balanceOf, isExpired, isLive } from '../burn.js'
import type { Grant, Quota } from '../model.js'

/** Percents of which people are told, each once. */
const LEVELS = [95, 80] as const

/** The highest of them that `gone` of `whole` has reached, 0 for none. */
export function levelOf(gone: bigint, whole: bigint): 0 | 80 | 95 {
  if (whole <= 0n) return 0
  return LEVELS.find((level) => gone * 100n >= whole * BigInt(level)) ?? 0
}

/** The subscription credits of this month: what was granted, used up by now or not, and what is left. */
export interface Month {
  readonly amount: bigint
  readonly remaining: bigint
}

export function monthOf(grants: Iterable<Grant>, nowMs: number): Month {
  let [amount, remaining] = [0n, 0n]
  for (const grant of grants) {
    const isOfMonth = isLive(grant, nowMs) || (grant.remaining === 0n && !isExpired(grant, nowMs))
    if (grant.kind !== 'subscription' || !isOfMonth) continue
    amount += grant.amount
    remaining += grant.remaining
  }
  return { amount, remaining }
}

/** What a charge brought near its end, and has not been told of yet. `before` is the month as it was before the charge. */
export function warnAfterCharge(
  book: Book,
  { accountId, keyId, parentKeyId }: { accountId: string; keyId: string; parentKeyId: string | null },
  before: Month
): ReceiptWarning[] {
  const warnings: ReceiptWarning[] = []
  const key = warnOfQuota(book, book.quota(keyId))
  if (key) warnings.push({ of: 'key', percent: key })
  const parent = parentKeyId === null ? 0 : warnOfQuota(book, book.quota(parentKeyId))
  if (parent) warnings.push({ of: 'parent_key', percent: parent })

  const left = balanceOf(book.grants(accountId), book.nowMs)
  const month = before.amount > 0n ? monthLevel(book, accountId, before) : 0
  if (month) warnings.push({ of: 'month', percent: month })
  const balance = warnOfBalance(book, accountId, left)
  // Where the month's credits are all there is, to say it of both would be to say it twice.
  if (balance && !month) warnings.push({ of: 'balance', percent: balance })
  return warnings
}

function warnOfQuota(book: Book, quota: Quota): 0 | 80 | 95 {
  const level = levelOf(quota.used, quota.limit)
  if (level <= quota.warned) return 0
  book.putQuota({ ...quota, warned: level })
  return level
}

function monthLevel(book: Book, accountId: string, before: Month): 0 | 80 | 95 {
  const after = monthOf(book.grants(accountId), book.nowMs)
  const level = levelOf(before.amount - after.remaining, before.amount)
  return level > levelOf(before.amount - before.remaining, before.amount) ? level : 0
}

function warnOfBalance(book: Book, accountId: string, left: bigint): 0 | 80 | 95 {
  const head: Head = book.head(accountId)
  const level = levelOf(head.mark - left, head.mark)
  if (level <= head.warned) return 0
  book.putHead(accountId, { ...head, warned: level })
  return level
}
