import type { Clock } from '../lib/clock.js'
import type { Signal } from './rules.js'

/** How often it is counted what runs. */
export const SAMPLE_MS = 60_000
/** Six hours: people, and programs that wait for them, pause within that time. A pool that is always filled up does not. */
const SAMPLES = 360
const HOURS = (SAMPLES * SAMPLE_MS) / 3_600_000
/** Eighteen minutes of it may be otherwise: what was restarted, or was out of reach for a while, is still the same pool. */
const OUTSIDE_MAX = 18
/** One person with a program and what it asks on the side has one or two at once. */
const LEVEL_MIN = 3
/** Of a larger pool more are between two requests at a time: one, or a tenth. */
const bandOf = (level: number) => Math.max(1, Math.floor(level / 10))
/** Fewer at once than belong to any level. */
const LOW = LEVEL_MIN - bandOf(LEVEL_MIN)
/** Late by more, as after a machine's sleep, the samples before say nothing of now. */
const GAP_MS = 5 * SAMPLE_MS
const ACCOUNTS_MAX = 10_000

export interface SteadyLevel {
  readonly level: number
  /** Samples that were off it. */
  readonly outside: number
}

/** The number of requests that nearly always ran at once, if there is one. */
export function steadyLevelOf(samples: readonly number[]): SteadyLevel | undefined {
  const median = samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? 0
  if (median < LEVEL_MIN) return undefined
  const found = levelsAbout(median).map((level) => {
    const band = bandOf(level)
    return { level, outside: samples.filter((running) => Math.abs(running - level) > band).length }
  })
  const [best] = found.sort((a, b) => a.outside - b.outside)
  return best && best.outside <= OUTSIDE_MAX ? best : undefined
}

/** Where nearly all are near a level, half are, and so is the median: no other levels need be tried. The nearest first. */
function levelsAbout(median: number): number[] {
  const reach = bandOf(median) + 1
  const steps = Array.from({ length: reach }, (_, i) => [i + 1, -i - 1]).flat()
  return [0, ...steps].map((step) => median + step).filter((level) => level >= LEVEL_MIN)
}

/** What runs at once, of each account, for as long as that may be steady. In this process' memory, and bounded. */
export function createSteady() {
  const kept = new Map<string, number[]>()
  let lastMs: number | undefined

  return {
    /** Takes one sample: the requests that run now, by account. The accounts that have been steady for six hours. */
    sample(running: ReadonlyMap<string, number>, nowMs: number): { accountId: string; signal: Signal }[] {
      if (lastMs !== undefined && (nowMs < lastMs || nowMs - lastMs > GAP_MS)) kept.clear()
      lastMs = nowMs
      for (const [accountId, count] of running)
        if (count >= LOW && !kept.has(accountId) && kept.size < ACCOUNTS_MAX) kept.set(accountId, [])
      return [...kept].flatMap(([accountId, samples]) => {
        samples.push(running.get(accountId) ?? 0)
        if (samples.length > SAMPLES) samples.shift()
        // It begins anew when there is something to count.
        if (samples.filter((count) => count < LOW).length > OUTSIDE_MAX) kept.delete(accountId)
        const found = samples.length === SAMPLES ? steadyLevelOf(samples) : undefined
        return found ? [{ accountId, signal: signalOf(found) }] : []
      })
    }
  }
}

function signalOf({ level, outside }: SteadyLevel): Signal {
  const percent = Math.floor(((SAMPLES - outside) * 100) / SAMPLES)
  return { kind: 'steady', evidence: { requests_at_once: level, percent_of_the_time: percent, hours: HOURS } }
}

/** Tells every `SAMPLE_MS` what runs, until the returned function is called. */
export function watchRunning({
  clock,
  running,
  note
}: {
  readonly clock: Clock
  readonly running: () => ReadonlyMap<string, number>
  readonly note: (running: ReadonlyMap<string, number>) => void
}): () => void {
  let cancel = () => {}
  const look = () => {
    cancel = clock.after(SAMPLE_MS, look)
    note(running())
  }
  look()
  return () => cancel()
}
