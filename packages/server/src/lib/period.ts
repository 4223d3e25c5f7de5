/** How often a key's quota begins anew, at the turn of a UTC day or month. */
export type Period = 'life' | 'month' | 'day'

/** First moment of the UTC day or month of `nowMs`; of a life there is one period, which has begun. */
export function periodStartMs(period: Period, nowMs: number): number {
  const now = new Date(nowMs)
  switch (period) {
    case 'life':
      return 0
    case 'month':
      return Date.UTC(now.getUTCFullYear(), now.getUTCMonth())
    case 'day':
      return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate())
  }
}
