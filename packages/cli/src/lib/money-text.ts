import { creditsFromJson, formatCredits } from '@caicaini/protocol'

/** Credits of the wire for people; `decimalsMax` as in formatCredits. */
export function showCredits(credits: number, decimalsMax = 6): string {
  return formatCredits(creditsFromJson(credits), { decimalsMax })
}

/** `1 credit`, `9,912.3 credits`. */
export function creditsPhrase(credits: number, decimalsMax = 6): string {
  const text = showCredits(credits, decimalsMax)
  return `${text} ${text === '1' ? 'credit' : 'credits'}`
}

/** A whole number of 10⁻`places`, exactly and without trailing zeros: `decimals(1_234_500n, 3)` is `1,234.5`. */
export function decimals(units: bigint, places: number): string {
  const digits = units.toString().padStart(places + 1, '0')
  const whole = digits.slice(0, -places).replace(/\B(?=(\d{3})+$)/g, ',')
  const fraction = digits.slice(-places).replace(/0+$/, '')
  return fraction === '' ? whole : `${whole}.${fraction}`
}

/** `1,204`. By hand, for loading Intl would cost each start milliseconds. */
export function grouped(count: number): string {
  return count.toString().replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 entry`, `1,204 entries`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}
