/** One credit in micro-credits. Every amount in code is `bigint` micro-credits. */
export const MICRO_PER_CREDIT = 1_000_000n

/**
 * What a micro-credit is counted in before a sum is rounded up, once: tokens × micro-credits per
 * million tokens × per cent left by a discount.
 */
export const COST_UNITS_PER_MICRO = 1_000_000n * 100n

/** Credits in one US dollar at list price. */
export const CREDITS_PER_USD = 1_000n

/**
 * Largest amount that survives as a JSON number of credits: 2³² of them. Past that a double's steps,
 * and the rounding of the way back, may together be half a micro-credit.
 */
export const JSON_MICRO_MAX = 2n ** 32n * MICRO_PER_CREDIT

/** `numerator / denominator`, rounded up; both non-negative, denominator positive. */
export function ceilDiv(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator
}

/**
 * Micro-credits as the decimal number of credits that JSON carries (at most six places).
 * Exact both ways: × 10⁶, rounded, is the micro-credits again. Throws past ±2³² credits.
 */
export function creditsToJson(micro: bigint): number {
  if (micro > JSON_MICRO_MAX || micro < -JSON_MICRO_MAX) throw new RangeError('amount too large for JSON')
  return Number(micro) / 1e6
}

/** The micro-credits of a JSON number of credits. Throws when it is not finite or too large. */
export function creditsFromJson(credits: number): bigint {
  const micro = Math.round(credits * 1e6)
  if (!(Math.abs(micro) <= Number(JSON_MICRO_MAX)))
    throw new RangeError('credits: not a number that JSON carries exactly')
  return BigInt(micro)
}

/**
 * Micro-credits of a decimal text such as `1,250.5`; undefined when it is not a plain decimal
 * with at most six places.
 */
export function parseCredits(text: string): bigint | undefined {
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,6}))?$/.exec(text.trim().replaceAll(',', ''))
  if (!match) return undefined
  const [, sign, whole = '0', fraction = ''] = match
  const micro = BigInt(whole) * MICRO_PER_CREDIT + BigInt(fraction.padEnd(6, '0'))
  return sign ? -micro : micro
}

/**
 * Credits for people: thousands separated, trailing zeros dropped, `decimalsMax` places, rounded
 * half away from zero. An amount too small for that keeps its first significant digits.
 */
export function formatCredits(micro: bigint, { decimalsMax = 6 }: { decimalsMax?: number } = {}): string {
  const sign = micro < 0n ? '-' : ''
  const absolute = micro < 0n ? -micro : micro
  let decimals = decimalsMax
  while (decimals < 6 && absolute > 0n && absolute < 10n ** BigInt(6 - decimals)) decimals++
  const unit = 10n ** BigInt(6 - decimals)
  const rounded = ((absolute + unit / 2n) / unit) * unit
  const whole = (rounded / MICRO_PER_CREDIT).toString().replace(/\B(?=(\d{3})+$)/g, ',')
  const fraction = (rounded % MICRO_PER_CREDIT).toString().padStart(6, '0').replace(/0+$/, '')
  return fraction ? `${sign}${whole}.${fraction}` : `${sign}${whole}`
}
