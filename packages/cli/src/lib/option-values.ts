import { creditsToJson, parseCredits } from '@caicaini/protocol'
import { InvalidArgumentError } from 'commander'

/** Credits as typed, such as `1,250.5`, as the wire carries them. */
export function parseCreditsOption(text: string): number {
  const micro = parseCredits(text)
  if (micro !== undefined && micro >= 0n) return creditsToJson(micro)
  throw new InvalidArgumentError('It must be a number of credits, at most six decimals, such as 100 or 2.5.')
}

export function parsePositiveInteger(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value
  throw new InvalidArgumentError('It must be a whole number above 0.')
}

/** A rate limit as typed: a whole number, `none` for no limit, `default` for what the tier or the catalog says. */
export function parseLimitOption(text: string): number | 'none' | 'default' {
  if (text === 'default' || text === 'none') return text
  const value = Number(text.replaceAll(',', ''))
  if (/^[\d,]+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value
  throw new InvalidArgumentError('It must be a whole number above 0, none for no limit, or default.')
}

/** A day or a moment in UTC as typed, as the wire carries it. */
export function parseTimeOption(text: string): string {
  const isoLike = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z)?$/.test(text)
  const ms = isoLike ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(ms)) return new Date(ms).toISOString()
  throw new InvalidArgumentError('It must be a day such as 2027-01-31, or a UTC time such as 2027-01-31T12:00:00Z.')
}

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const

/** A time from now on as typed, such as `30d`, `24h`, `90m`, `2w` or `0`, in milliseconds. */
export function parseDurationOption(text: string): number {
  const [, count, unit] = /^(\d{1,5})([mhdw])$/.exec(text) ?? []
  if (count !== undefined && unit !== undefined) return Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS]
  if (text === '0') return 0
  throw new InvalidArgumentError('It must be a time such as 24h or 30d.')
}

/** When something ends, as typed: milliseconds from now on, a moment, or `never` (commander makes null an empty text). */
export type Ending = number | string

export function parseEndingOption(text: string): Ending {
  if (text === 'never') return text
  if (/^\d+[mhdw]$/.test(text)) return parseDurationOption(text)
  try {
    return parseTimeOption(text)
  } catch {
    throw new InvalidArgumentError('It must be a time such as 30d, a day such as 2027-01-31, or never.')
  }
}

/** The same as the wire carries it. */
export function endingAt(ending: Ending, nowMs: number): string | null {
  if (ending === 'never') return null
  return typeof ending === 'number' ? new Date(nowMs + ending).toISOString() : ending
}
