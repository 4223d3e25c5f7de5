import { AppError, detailHash, formatCredits } from '@caicaini/protocol'
import { type Book, takenId } from '../book.js'
import { availableOf, balanceOf, burnOrder, isExpired, planBurn, sumOf } from '../burn.js'
import type { ExpireOp, Movement, TakeOp, TakeResult } from '../model.js'
import { changeGrant } from './change.js'

/** The detail of every expiry. */
export const EXPIRED = { reason: 'expired' }

/**
 * Takes what is left of grants whose end has come, but never what is held: a request that began in
 * time is paid from what it reserved, and what it gives back is taken the next time.
 */
export function decideExpire(book: Book, { accountId }: ExpireOp): TakeResult {
  const movements: Movement[] = []
  for (const grant of book.grants(accountId)) {
    const amount = grant.remaining - grant.held
    if (amount > 0n && isExpired(grant, book.nowMs)) movements.push({ grantId: grant.id, amount })
  }
  // Its own line's number keeps the reference unique: a grant may expire in parts.
  const reference = `expiry:${book.head(accountId).accountSeq + 1n}`
  lower(book, accountId, movements)
  const entry = { accountId, kind: 'expire', reference, detailHash: detailHash(EXPIRED) } as const
  book.append(entry, movements.map(negative))
  return { taken: sumOf(movements), again: false, balance: balanceOf(book.grants(accountId), book.nowMs) }
}

/** Takes an amount, or all that is not held. Refused where less than the amount is there: a balance is never negative. */
export function decideTake(book: Book, { accountId, kind, amount, reference, detail }: TakeOp): TakeResult {
  const balance = () => balanceOf(book.grants(accountId), book.nowMs)
  if (book.wasTaken(takenId({ accountId, kind, reference }))) return { taken: 0n, again: true, balance: balance() }
  const movements = amount === null ? allUnheld(book, accountId) : planBurn(book.grants(accountId), amount, book.nowMs)
  if (amount !== null && sumOf(movements) < amount) {
    const available = formatCredits(availableOf(book.grants(accountId), book.nowMs))
    throw new AppError('invalid_request', `credits: only ${available} are there and not held by a request under way`)
  }
  lower(book, accountId, movements)
  book.appendDetailed({ accountId, kind, reference, detail }, movements.map(negative))
  return { taken: sumOf(movements), again: false, balance: balance() }
}

/** Also of grants that have yet to begin. */
function allUnheld(book: Book, accountId: string): Movement[] {
  return [...book.grants(accountId)]
    .sort(burnOrder)
    .map((grant) => ({ grantId: grant.id, amount: grant.remaining - grant.held }))
    .filter(({ amount }) => amount > 0n)
}

function lower(book: Book, accountId: string, movements: readonly Movement[]): void {
  for (const movement of movements) changeGrant(book, accountId, movement, { remaining: -1n })
}

function negative({ grantId, amount }: Movement): Movement {
  return { grantId, amount: -amount }
}
