import type { Grant, Movement } from './model.js'

/**
 * Whether the grant counts at this moment: begun, not expired (the end is exclusive), not used up. One
 * that had begun when it was made has begun for good: a clock set back takes nobody's credits away.
 */
export function isLive(grant: Grant, nowMs: number): boolean {
  const hasBegun = grant.startsAtMs <= Math.max(nowMs, grant.createdAtMs)
  return grant.remaining > 0n && hasBegun && !isExpired(grant, nowMs)
}

/** Whether the grant's end has come; the end itself is past it. */
export function isExpired({ expiresAtMs }: Grant, nowMs: number): boolean {
  return expiresAtMs !== null && expiresAtMs <= nowMs
}

/** The order in which grants are spent: subscription credits, then what expires soonest, then the oldest. */
export function burnOrder(a: Grant, b: Grant): number {
  return (
    Number(b.kind === 'subscription') - Number(a.kind === 'subscription') ||
    compare(a.expiresAtMs ?? Number.POSITIVE_INFINITY, b.expiresAtMs ?? Number.POSITIVE_INFINITY) ||
    compare(a.createdAtMs, b.createdAtMs) ||
    compare(a.id, b.id)
  )
}

function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Σ remaining of the live ones: what people see as their balance. */
export function balanceOf(grants: Iterable<Grant>, nowMs: number): bigint {
  let sum = 0n
  for (const grant of grants) if (isLive(grant, nowMs)) sum += grant.remaining
  return sum
}

/** balance − held: what a new hold must fit. */
export function availableOf(grants: Iterable<Grant>, nowMs: number): bigint {
  let sum = 0n
  for (const grant of grants) if (isLive(grant, nowMs)) sum += grant.remaining - grant.held
  return sum
}

/**
 * Takes up to `need` of what the live grants have unheld, in burn order. The movements sum to less
 * than `need` only when everything is taken.
 */
export function planBurn(grants: Iterable<Grant>, need: bigint, nowMs: number): Movement[] {
  const movements: Movement[] = []
  let missing = need
  for (const grant of [...grants].filter((each) => isLive(each, nowMs)).sort(burnOrder)) {
    const free = grant.remaining - grant.held
    const amount = free < missing ? free : missing
    if (amount > 0n) movements.push({ grantId: grant.id, amount })
    missing -= amount
    if (missing === 0n) break
  }
  return movements
}

/** The first `need` of what was reserved, in the same order; what is over goes back. */
export function takeFrom(allocation: readonly Movement[], need: bigint): Movement[] {
  const taken: Movement[] = []
  let missing = need
  for (const { grantId, amount } of allocation) {
    if (missing === 0n) break
    const part = amount < missing ? amount : missing
    taken.push({ grantId, amount: part })
    missing -= part
  }
  return taken
}

export function sumOf(movements: readonly Movement[]): bigint {
  return movements.reduce((sum, { amount }) => sum + amount, 0n)
}
