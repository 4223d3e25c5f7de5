import { AppError, MICRO_PER_CREDIT } from '@caicaini/protocol'
import type { PlanEntry } from '../catalog/schema.js'
import { addMonths, type Month, monthOf, prorate } from './months.js'

/*
 * What a month's turn and a change of plan mean. Pure: the service reads what there is, asks here,
 * and writes what comes out, in one transaction.
 */

/** A subscription that has not ended. Months are inclusive; `lastMonth` null = open end. */
export interface Term {
  readonly id: string
  readonly plan: string
  readonly beginsMonth: Month
  readonly lastMonth: Month | null
  /** Micro-credits a month that were given already when it began, in its first month. */
  readonly baseMonthly: bigint
}

/** An account's subscription that runs, and the one that waits for its month. */
export interface Standing {
  readonly running: Term | undefined
  readonly scheduled: Term | undefined
}

/** What holds in a month: what ran goes on, what waited begins, or Free begins. */
export type Turn = 'stays' | 'scheduled' | 'free'

/** What `month` brings. A plan that is not offered any more cannot go on: its accounts fall to Free. */
export function decideTurn({ running, scheduled }: Standing, month: Month, offered: (plan: string) => boolean): Turn {
  const holds = ({ plan, lastMonth }: Term) => offered(plan) && (lastMonth === null || lastMonth >= month)
  if (running && holds(running)) return 'stays'
  return scheduled && scheduled.beginsMonth <= month && holds(scheduled) ? 'scheduled' : 'free'
}

/** What choosing a plan means today. `lastMonth` is that of the plan that was chosen. */
export type Change =
  | { readonly kind: 'same'; readonly lastMonth: Month | null }
  | {
      readonly kind: 'up' | 'down'
      readonly beginsMonth: Month
      readonly lastMonth: Month | null
      /** Micro-credits that are given now. */
      readonly credits: bigint
      /** US cents for the rest of this month. */
      readonly priceCents: bigint
    }

/**
 * Micro-credits a month that this month's credits stand for: what runs gives, or what it replaced, if that was
 * more. Never less than what it has `given` this month, for the catalog may have lowered its plan since.
 */
export function levelOf(
  { beginsMonth, baseMonthly }: Term,
  entry: PlanEntry,
  { given, nowMs }: { given: bigint; nowMs: number }
): bigint {
  const monthly = monthlyMicro(entry)
  const before = beginsMonth === monthOf(nowMs) ? baseMonthly : 0n
  const least = before + given
  return least > monthly ? least : monthly
}

/** From one plan to another. Dearer, or as dear with as many credits or more, is up: at once, for the difference. */
export function decideChange(ask: {
  readonly from: PlanEntry
  readonly to: PlanEntry
  readonly same: boolean
  /** `levelOf` what runs: only what is above it is given. */
  readonly level: bigint
  /** Calendar months, the first among them; undefined = until it is changed. */
  readonly months?: number | undefined
  readonly nowMs: number
}): Change {
  const { from, to, same, level, months, nowMs } = ask
  const month = monthOf(nowMs)
  const lastFrom = (first: Month) => (months === undefined ? null : addMonths(first, months - 1))
  if (same) return { kind: 'same', lastMonth: lastFrom(month) }
  if (isUp(from, to)) {
    const credits = difference(monthlyMicro(to), level, nowMs)
    const priceCents = difference(BigInt(to.price_usd_cents), BigInt(from.price_usd_cents), nowMs)
    return { kind: 'up', beginsMonth: month, lastMonth: lastFrom(month), credits, priceCents }
  }
  const next = addMonths(month, 1)
  return { kind: 'down', beginsMonth: next, lastMonth: lastFrom(next), credits: 0n, priceCents: 0n }
}

function isUp(from: PlanEntry, to: PlanEntry): boolean {
  if (to.price_usd_cents !== from.price_usd_cents) return to.price_usd_cents > from.price_usd_cents
  return to.monthly_credits >= from.monthly_credits
}

/** What is more a month, for the days left; never negative. */
export function difference(to: bigint, from: bigint, nowMs: number): bigint {
  return to > from ? prorate(to - from, nowMs) : 0n
}

/** What the plan gives a month, in micro-credits. */
export function monthlyMicro({ monthly_credits }: PlanEntry): bigint {
  return BigInt(monthly_credits) * MICRO_PER_CREDIT
}

/** 403 when the plan has no room for one more key; names the first plan that has. */
export function refuseKeyBeyond(plans: Readonly<Record<string, PlanEntry>>, name: string, keys: number): void {
  const plan = plans[name]
  if (!plan || keys < plan.keys_max) return
  const larger = Object.values(plans).find(({ keys_max }) => keys_max > plan.keys_max && keys_max > keys)
  const way = larger ? `the plan ${larger.display_name} allows ${larger.keys_max}` : 'no plan allows more'
  throw new AppError(
    'plan',
    `the plan ${plan.display_name} allows ${plan.keys_max} keys, and there are ${keys}; ${way}. Revoke one that is not needed any more`
  )
}
