import type { Book } from '../book.js'
import type { Grant, Movement } from '../model.js'

/** Moves a grant's figures by the movement's amount, each as often as `by` says: `{ held: 1n }` reserves it. */
export function changeGrant(
  book: Book,
  accountId: string,
  movement: Movement,
  by: { held?: bigint; remaining?: bigint }
): void {
  const grant: Grant = book.grant(accountId, movement.grantId)
  book.putGrant({
    ...grant,
    held: grant.held + (by.held ?? 0n) * movement.amount,
    remaining: grant.remaining + (by.remaining ?? 0n) * movement.amount
  })
}
