import { periodStartMs } from '../../lib/period.js'
import type { Quota } from '../model.js'

/** The quota as it stands at `nowMs`: where a new period has begun, nothing is used of it. A clock set back begins none. */
export function quotaAt(quota: Quota, nowMs: number): Quota {
  const startMs = periodStartMs(quota.period, nowMs)
  return startMs > quota.periodStartMs ? { ...quota, periodStartMs: startMs, used: 0n, warned: 0 } : quota
}

/** What a key may still reserve; undefined = no limit. */
export function quotaLeft({ limit, used, held }: Quota): bigint | undefined {
  if (limit === 0n) return undefined
  const left = limit - used - held
  return left > 0n ? left : 0n
}
