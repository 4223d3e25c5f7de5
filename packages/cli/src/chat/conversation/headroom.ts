import type { Headroom } from '../state/session.js'

/** Below this share of a minute's requests or tokens it is said. */
const SAID_BELOW = 0.2

/** What an answer's headers leave of the rate limits; undefined while that is plenty. */
export function headroomOf(headers: Readonly<Record<string, string>>): Headroom | undefined {
  const shares = [
    shareOf(headers, 'requests', 'x-ratelimit-remaining-requests', 'x-ratelimit-limit-requests'),
    shareOf(headers, 'tokens', 'anthropic-ratelimit-input-tokens-remaining', 'anthropic-ratelimit-input-tokens-limit')
  ].filter((one) => one !== undefined)
  const scarcest = shares.toSorted((a, b) => a.left - b.left)[0]
  return scarcest && scarcest.left < SAID_BELOW ? scarcest : undefined
}

function shareOf(
  headers: Readonly<Record<string, string>>,
  what: string,
  remainingName: string,
  limitName: string
): Headroom | undefined {
  const remaining = Number(headers[remainingName])
  const limit = Number(headers[limitName])
  if (!(limit > 0) || !(remaining >= 0)) return undefined
  const left = remaining / limit
  return { left, text: `${Math.round(left * 100)} % of the minute's ${what} left` }
}
