import type { Features } from './features.js'
import { SIGNALS, type Signal } from './signals.js'

/** From the cheapest to the strongest. */
export const TIERS = ['small', 'middle', 'top'] as const
export type Tier = (typeof TIERS)[number]

/** At most this: the small model. */
export const SMALL_AT_MOST = -2
/** At least this: the top one. Low, for an answer that is too weak costs more than one that is too dear. */
export const TOP_AT_LEAST = 2

/** What speaks against the small model whatever the score: a run with tools is longer than its first sentence tells. */
const LEAST_MIDDLE = [
  { words: 'tools', seen: ({ hasTools }: Features) => hasTools },
  { words: 'thinking asked for', seen: ({ isThinkingAsked }: Features) => isThinkingAsked }
]

export interface Score {
  readonly points: number
  readonly tier: Tier
  /** Whether anything was seen that speaks for one of the tiers by itself. */
  readonly isClear: boolean
  /** What was seen, in a few words that begin a sentence. */
  readonly why: string
}

export function scoreOf(features: Features): Score {
  const seen = SIGNALS.filter((signal) => signal.seen(features))
  const points = sumOf(seen)
  const least = LEAST_MIDDLE.find((floor) => floor.seen(features))
  const isSmall = points <= SMALL_AT_MOST && seen.some(({ speaks }) => speaks === 'small')
  const wanted = isSmall ? 'small' : points >= TOP_AT_LEAST ? 'top' : 'middle'
  const tier = wanted === 'small' && least ? 'middle' : wanted
  return {
    points,
    tier,
    isClear: seen.some(({ speaks }) => speaks !== 'aside'),
    why: sentence(explain(seen, tier, least?.words))
  }
}

/** Where a message is neither here nor there, what weighs more stands first. */
function explain(seen: readonly Signal[], tier: Tier, least: string | undefined): string {
  const small = wordsOf(seen.filter(({ speaks }) => speaks === 'small'))[0]
  if (tier === 'small') return small ?? 'small request'
  const up = wordsOf(seen.filter(({ points }) => points >= 0)).slice(0, 2)
  if (small && (up[0] || least)) return `${small}, but ${up[0] ?? least}`
  const down = wordsOf(seen.filter(({ points }) => points < 0))[0]
  const isHeldDown = tier !== 'top' && sumOf(seen.filter(({ points }) => points > 0)) >= TOP_AT_LEAST
  if (down && isHeldDown) return `${up[0]}, but ${down}`
  return up.length > 0 ? up.join(' and ') : (least ?? down ?? 'no clear sign either way')
}

function sumOf(signals: readonly Signal[]): number {
  return signals.reduce((sum, { points }) => sum + points, 0)
}

/** The weightiest first; of a signal and its stronger one, the stronger alone. */
function wordsOf(seen: readonly Signal[]): string[] {
  const names = new Set(seen.map(({ name }) => name))
  const stronger: Readonly<Record<string, string>> = {
    hard: 'very hard',
    personal: 'very personal',
    everyday: 'very everyday',
    work: 'much work',
    judgement: 'much judgement',
    conditions: 'many conditions',
    tasks: 'many tasks',
    terms: 'many terms',
    long: 'longer',
    longer: 'very long',
    thinking: 'high effort'
  }
  return seen
    .filter(({ name }) => !names.has(stronger[name] ?? ''))
    .toSorted((a, b) => Math.abs(b.points) - Math.abs(a.points))
    .map(({ words }) => words)
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
