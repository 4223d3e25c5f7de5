import { CREDITS_PER_USD, MICRO_PER_CREDIT } from '@caicaini/protocol'
import type { TierEntry } from '../catalog/schema.js'

const MICRO_PER_CENT = (CREDITS_PER_USD * MICRO_PER_CREDIT) / 100n

/**
 * The tier that an account should have by what it has paid: higher than the one it has, or undefined.
 * Never lower: a tier that was given by hand stays. One that the catalog does not know is left alone.
 */
export function promotedTier(
  tiers: Readonly<Record<string, TierEntry>>,
  { tier, toppedUp }: { tier: string; toppedUp: bigint }
): string | undefined {
  const names = Object.keys(tiers)
  const rank = names.indexOf(tier)
  const paidCents = toppedUp / MICRO_PER_CENT
  return names.findLast((name, at) => {
    const from = tiers[name]?.promote_at_usd_cents ?? null
    return rank >= 0 && at > rank && from !== null && paidCents >= BigInt(from)
  })
}
