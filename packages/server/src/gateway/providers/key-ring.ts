import type { Clock } from '../../lib/clock.js'

/** How long a key that was refused is set aside the first time; each further refusal doubles it. */
const ASIDE_MS = 30_000
const ASIDE_MS_MAX = 600_000

/** One of a provider's keys, by the variable that holds it. */
export interface UpstreamKey {
  readonly env: string
  readonly value: string
  /** How often it is used beside the others. */
  readonly weight: number
}

export interface KeyView {
  readonly env: string
  readonly status: number | null
  /** Null while it is in use. */
  readonly asideUntilMs: number | null
}

interface Slot extends UpstreamKey {
  asideUntilMs: number
  asideMs: number
  /** What the provider answered when it refused it. */
  status: number | null
}

export type KeyRing = ReturnType<typeof createKeyRing>

/**
 * A provider's keys. One that is refused is set aside for a while, then tried again: what was wrong
 * with it may have been mended over there.
 */
export function createKeyRing(keys: readonly UpstreamKey[], { clock, random }: { clock: Clock; random: () => number }) {
  const slots: Slot[] = keys.map((key) => ({ ...key, asideUntilMs: 0, asideMs: ASIDE_MS, status: null }))
  const usable = () => slots.filter(({ asideUntilMs }) => asideUntilMs <= clock.nowMs())

  return {
    /** One of those in use, by weight; undefined where all are set aside. */
    pick(): UpstreamKey | undefined {
      const candidates = usable()
      let at = random() * candidates.reduce((sum, { weight }) => sum + weight, 0)
      for (const slot of candidates) {
        at -= slot.weight
        if (at < 0) return slot
      }
      return candidates.at(-1)
    },

    refused({ env }: UpstreamKey, status: number): void {
      const slot = slots.find((each) => each.env === env)
      if (!slot) return
      slot.status = status
      slot.asideUntilMs = clock.nowMs() + slot.asideMs
      slot.asideMs = Math.min(slot.asideMs * 2, ASIDE_MS_MAX)
    },

    worked({ env }: UpstreamKey): void {
      const slot = slots.find((each) => each.env === env)
      if (!slot || slot.status === null) return
      slot.status = null
      slot.asideMs = ASIDE_MS
    },

    hasUsable: () => usable().length > 0,

    views: (): KeyView[] =>
      slots.map(({ env, status, asideUntilMs }) => ({
        env,
        status,
        asideUntilMs: asideUntilMs > clock.nowMs() ? asideUntilMs : null
      }))
  }
}
