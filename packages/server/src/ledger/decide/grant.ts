import { AppError, detailHash, JSON_MICRO_MAX } from '@caicaini/protocol'
import type { Book } from '../book.js'
import { balanceOf } from '../burn.js'
import type { Grant, GrantOp, GrantResult } from '../model.js'

/** The same reference twice grants once. Refused where the account would have more than JSON can tell it. */
export function decideGrant(book: Book, { accountId, grant }: GrantOp): GrantResult {
  for (const earlier of book.grants(accountId)) {
    if (earlier.reference !== grant.reference) continue
    return { grantId: earlier.id, granted: false, balance: balanceOf(book.grants(accountId), book.nowMs) }
  }
  refuseBeyondJson(book, accountId, grant.amount)
  enterGrant(book, accountId, grant)
  const balance = balanceOf(book.grants(accountId), book.nowMs)
  markGrowth(book, accountId, balance)
  return { grantId: grant.id, granted: true, balance }
}

/** Refuses to give an account more than JSON can tell it: no receipt of it could be written any more. */
export function refuseBeyondJson(book: Book, accountId: string, amount: bigint): void {
  let total = amount
  for (const { remaining } of book.grants(accountId)) total += remaining
  if (total > JSON_MICRO_MAX) {
    throw new AppError('invalid_request', 'credits: with what the account has they are more than 4,294,967,296')
  }
}

/** A new grant and its line in the book. */
export function enterGrant(book: Book, accountId: string, grant: GrantOp['grant']): void {
  const { id, amount, reference } = grant
  book.putGrant({ ...grant, accountId, remaining: amount, held: 0n, createdAtMs: book.nowMs })
  book.append({ accountId, kind: 'grant', reference, detailHash: grantDetailHash(grant) }, [{ grantId: id, amount }])
}

/** The balance grew: warnings are measured by it from now on. */
export function markGrowth(book: Book, accountId: string, balance: bigint): void {
  book.putHead(accountId, { ...book.head(accountId), mark: balance, warned: 0 })
}

/** What a grant's entry covers beside its amount and reference. */
export function grantDetailHash({
  kind,
  startsAtMs,
  expiresAtMs,
  detail
}: Pick<Grant, 'kind' | 'startsAtMs' | 'expiresAtMs' | 'detail'>): string {
  return detailHash({ kind, starts_at_ms: startsAtMs, expires_at_ms: expiresAtMs, detail })
}
