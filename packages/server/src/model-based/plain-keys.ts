import type { Period } from '../lib/period.js'

/* A key's own limit, in the plainest words: what it may spend in a day, a month or its whole life. */

export interface PlainKeySetup {
  readonly id: string
  readonly accountId: string
  readonly parentId: string | null
  readonly period: Period
  /** Micro-credits, 0 = none. */
  readonly limit: bigint
}

const DAY_MS = 86_400_000

/** First moment of the UTC day or month. */
export function turnBefore(period: Period, atMs: number): number {
  if (period === 'life') return 0
  if (period === 'day') return atMs - (atMs % DAY_MS)
  const date = new Date(atMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}

/** The higher of 80 and 95 percent that has been reached. */
export function levelReached(gone: bigint, whole: bigint): 0 | 80 | 95 {
  if (whole <= 0n || gone * 100n < whole * 80n) return 0
  return gone * 100n < whole * 95n ? 80 : 95
}

export class PlainKey implements PlainKeySetup {
  readonly id: string
  readonly accountId: string
  readonly parentId: string | null
  readonly period: Period
  readonly limit: bigint
  periodStartMs: number
  used = 0n
  held = 0n
  usedTotal = 0n
  warned = 0
  readonly #now: () => number

  constructor({ id, accountId, parentId, period, limit }: PlainKeySetup, now: () => number) {
    this.id = id
    this.accountId = accountId
    this.parentId = parentId
    this.period = period
    this.limit = limit
    this.periodStartMs = turnBefore(period, now())
    this.#now = now
  }

  /** What may still be reserved; null = no limit. */
  left(): bigint | null {
    if (this.limit === 0n) return null
    const isNew = turnBefore(this.period, this.#now()) > this.periodStartMs
    const left = this.limit - this.held - (isNew ? 0n : this.used)
    return left > 0n ? left : 0n
  }

  reserve(amount: bigint): void {
    this.#turn()
    this.held += amount
  }

  unreserve(amount: bigint): void {
    this.#turn()
    this.held -= amount
  }

  spend(amount: bigint): void {
    this.#turn()
    this.used += amount
    this.usedTotal += amount
  }

  /** A charge of an earlier day or month is of no use to this one's limit. */
  refund(amount: bigint, settledAtMs: number): void {
    this.#turn()
    this.usedTotal -= amount
    if (this.period === 'life' || settledAtMs >= this.periodStartMs) this.used -= amount
    if (this.used < 0n) this.used = 0n
    if (this.used > this.usedTotal) this.used = this.usedTotal
  }

  /** The percent that is to be told now, 0 where there is nothing new. */
  newWarning(): 0 | 80 | 95 {
    const level = levelReached(this.used, this.limit)
    if (level <= this.warned) return 0
    this.warned = level
    return level
  }

  /** With the first call of a new day or month; a clock set back turns nothing. */
  #turn(): void {
    const start = turnBefore(this.period, this.#now())
    if (start <= this.periodStartMs) return
    this.periodStartMs = start
    this.used = 0n
    this.warned = 0
  }
}
