import { AppError } from '@caicaini/protocol'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * The moment that a text such as `7d`, `24h`, `2026-11-01` or an RFC 3339 time names, 0 for none. Days
 * are UTC days, today among them: `1d` begins at midnight. Throws for a day that no calendar has.
 */
export function momentOf(text: string | undefined, nowMs: number): number {
  if (text === undefined) return 0
  const count = Number.parseInt(text, 10)
  if (/^\d+h$/.test(text)) return nowMs - count * HOUR_MS
  if (/^\d+d$/.test(text)) return nowMs - (nowMs % DAY_MS) - (count - 1) * DAY_MS
  const ms = Date.parse(text)
  // The 31st of February is read as a day of March.
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(text.slice(0, 10)))
    throw new AppError('invalid_request', `since: there is no such time as "${text}"`)
  return ms
}
