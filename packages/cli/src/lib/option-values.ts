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
