import { minutesOf, type RateWindow, type TokenRates, weekSpans } from '@caicaini/protocol'
import type { Fault } from './check.js'
import type { RateEntry } from './schema.js'

const TOKEN_KINDS = ['input', 'output', 'cache_read', 'cache_write_5m', 'cache_write_1h'] as const

/** What the shape cannot say of one rate: tiers out of order, windows that overlap, prices that a window makes fractions of. */
export function checkRate(rate: RateEntry): Fault[] {
  return [...checkTiers(rate), ...checkWindows(rate.windows ?? []), ...checkShares(rate)]
}

function checkTiers({ length_tiers: tiers = [] }: RateEntry): Fault[] {
  return tiers.flatMap(({ above }, i) => {
    const before = tiers[i - 1]
    if (!before || above > before.above) return []
    const message = `must be more than the tier before it (${before.above}), got ${above}`
    return [{ path: ['length_tiers', i, 'above'], message }]
  })
}

function checkWindows(windows: readonly RateWindow[]): Fault[] {
  return windows.flatMap((window, i) => {
    if (minutesOf(window.to) <= minutesOf(window.from)) {
      const message = `must be after from (${window.from}), got ${window.to}; hours past midnight are a window of their own`
      return [{ path: ['windows', i, 'to'], message }]
    }
    const earlier = windows.slice(0, i)
    const overlapped = earlier.findIndex((other) => overlap(window, other))
    if (overlapped >= 0) {
      return [{ path: ['windows', i], message: `overlaps windows[${overlapped}]; a time has one price` }]
    }
    // A receipt names the window, so the name must tell the price.
    const named = earlier.find(({ name }) => name === window.name)
    if (!named || named.percent === window.percent) return []
    const message = `must be ${named.percent}, as the other window "${window.name}" says, got ${window.percent}`
    return [{ path: ['windows', i, 'percent'], message }]
  })
}

function overlap(a: RateWindow, b: RateWindow): boolean {
  const others = weekSpans(b)
  return weekSpans(a).some((one) => others.some((other) => one.start < other.end && other.start < one.end))
}

/** A receipt's rates are whole: a window that would make fractions of them is refused rather than rounded. */
function checkShares(rate: RateEntry): Fault[] {
  const cards: { path: PropertyKey[]; rates: TokenRates }[] = [
    { path: [], rates: rate },
    ...(rate.length_tiers ?? []).map((rates, i) => ({ path: ['length_tiers', i], rates }))
  ]
  return (rate.windows ?? []).flatMap(({ name, percent }) =>
    cards.flatMap(({ path, rates }) =>
      TOKEN_KINDS.filter((kind) => !isShareWhole(rates[kind], percent)).map((kind) => ({
        path: [...path, kind],
        message: `${percent} % of it, in the window "${name}", is no whole number of micro-credits; got ${rates[kind]}`
      }))
    )
  )
}

function isShareWhole(rate: number, percent: number): boolean {
  const hundredths = BigInt(rate) * BigInt(percent)
  return hundredths % 100n === 0n && hundredths / 100n <= BigInt(Number.MAX_SAFE_INTEGER)
}
