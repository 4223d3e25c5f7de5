import type { Clock } from '../lib/clock.js'
import type { CallObserver, Way } from './observer.js'

const MINUTES = 15
const MINUTE_MS = 60_000
/** Upper ends of the buckets that latencies are counted in, each a fifth above the one before: 10 ms to 15 min. */
const BOUNDS_MS = Array.from({ length: 64 }, (_, i) => Math.round(10 * 1.2 ** i))

export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** What a model of a provider came to in the last fifteen minutes. */
export interface RecentView extends Way {
  /** How often it was asked, tries of one request counted each. */
  readonly asked: number
  readonly failed: number
  /** Milliseconds; null where nothing was answered. */
  readonly firstTokenMs: Percentiles | null
  readonly latencyMs: Percentiles | null
}

interface Minute {
  at: number
  asked: number
  failed: number
  firstToken: number[]
  latency: number[]
}

export type Recent = ReturnType<typeof createRecent>

/** Counts of the last fifteen minutes: a fixed amount of memory for each model, however much it is asked. */
export function createRecent({ clock }: { clock: Clock }) {
  const ways = new Map<string, Way & { readonly minutes: Minute[] }>()
  const nowMinute = () => Math.floor(clock.nowMs() / MINUTE_MS)

  function minuteOf({ provider, model }: Way): Minute {
    const key = `${provider} ${model}`
    const way = ways.get(key) ?? { provider, model, minutes: [] }
    ways.set(key, way)
    const at = nowMinute()
    const place = at % MINUTES
    const minute = way.minutes[place]
    if (minute?.at === at) return minute
    const fresh = { at, asked: 0, failed: 0, firstToken: noCounts(), latency: noCounts() }
    way.minutes[place] = fresh
    return fresh
  }

  const observer: CallObserver = {
    asked: (way) => void minuteOf(way).asked++,
    failed: (way) => void minuteOf(way).failed++,
    ended(call) {
      // How long a failure took says nothing of how long an answer takes.
      if (call.status !== 'complete') return
      const { firstToken, latency } = minuteOf(call)
      if (call.firstTokenMs !== null) count(firstToken, call.firstTokenMs)
      count(latency, call.latencyMs)
    }
  }

  return {
    observer,
    view(): RecentView[] {
      const now = nowMinute()
      return [...ways.values()].flatMap(({ provider, model, minutes }) => {
        const live = minutes.filter(({ at }) => at > now - MINUTES && at <= now)
        const asked = live.reduce((sum, minute) => sum + minute.asked, 0)
        const failed = live.reduce((sum, minute) => sum + minute.failed, 0)
        if (asked + failed === 0) return []
        const firstTokenMs = percentilesOf(live.map(({ firstToken }) => firstToken))
        return [{ provider, model, asked, failed, firstTokenMs, latencyMs: percentilesOf(live.map((m) => m.latency)) }]
      })
    }
  }
}

function noCounts(): number[] {
  return BOUNDS_MS.map(() => 0)
}

function count(counts: number[], ms: number): void {
  const found = BOUNDS_MS.findIndex((bound) => ms <= bound)
  const at = found < 0 ? BOUNDS_MS.length - 1 : found
  counts[at] = (counts[at] ?? 0) + 1
}

/** Each the upper end of the bucket that it falls into: at most a fifth too high. */
function percentilesOf(each: readonly (readonly number[])[]): Percentiles | null {
  const counts = BOUNDS_MS.map((_, i) => each.reduce((sum, one) => sum + (one[i] ?? 0), 0))
  const total = counts.reduce((sum, one) => sum + one, 0)
  if (total === 0) return null
  const at = (share: number): number => {
    let left = Math.ceil(total * share)
    const found = counts.findIndex((one) => {
      left -= one
      return left <= 0
    })
    return BOUNDS_MS[found] ?? 0
  }
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}
