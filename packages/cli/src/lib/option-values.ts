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
