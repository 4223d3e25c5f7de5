/*
 * UTC calendar months. A month is the text `YYYY-MM`, which sorts as it should; every boundary is
 * computed from it by Date.UTC, never by moving a date about: 31 January plus a month is no day.
 */

export type Month = string

const DAY_MS = 86_400_000

/** The month that a moment is in. */
export function monthOf(atMs: number): Month {
  return new Date(atMs).toISOString().slice(0, 7)
}

/** The month `count` months later; earlier when negative. */
export function addMonths(month: Month, count: number): Month {
  const { year, index } = partsOf(month)
  return monthOf(Date.UTC(year, index + count, 1))
}

/** First millisecond of the month, UTC. */
export function monthStartMs(month: Month): number {
  const { year, index } = partsOf(month)
  return Date.UTC(year, index, 1)
}

/** First millisecond after the month: its end, exclusive. */
export function monthEndMs(month: Month): number {
  return monthStartMs(addMonths(month, 1))
}

export function daysIn(month: Month): number {
  return (monthEndMs(month) - monthStartMs(month)) / DAY_MS
}

/** Whole days left in the moment's month, today among them: 1 to `daysIn`. */
export function daysLeft(atMs: number): number {
  const month = monthOf(atMs)
  return daysIn(month) - Math.floor((atMs - monthStartMs(month)) / DAY_MS)
}

/** The part of a month's amount that the days left are worth, in the same unit, rounded down. */
export function prorate(monthly: bigint, atMs: number): bigint {
  return (monthly * BigInt(daysLeft(atMs))) / BigInt(daysIn(monthOf(atMs)))
}

function partsOf(month: Month): { year: number; index: number } {
  return { year: Number(month.slice(0, 4)), index: Number(month.slice(5, 7)) - 1 }
}
