import type { Features } from './features.js'

/** From the cheapest to the strongest. */
export const TIERS = ['small', 'middle', 'top'] as const
export type Tier = (typeof TIERS)[number]

/** At most this: the small model. */
export const SMALL_AT_MOST = -2
/** At least this: the top one. */
export const TOP_AT_LEAST = 3

const SHORT_CHARS_MAX = 240

interface Signal {
  readonly name: string
  readonly points: number
  /** As it stands in a sentence. */
  readonly words: string
  readonly seen: (features: Features) => boolean
}

/** All that moves the score, each once at most. docs/auto.md lists them, and a test holds it to this. */
export const SIGNALS: readonly Signal[] = [
  { name: 'greeting', points: -4, words: 'short greeting', seen: ({ isGreeting }) => isGreeting },
  {
    name: 'factual',
    points: -3,
    words: 'short factual question',
    seen: (of) => of.phrases.factual > 0 && isShort(of) && of.questions <= 2
  },
  { name: 'simple', points: -3, words: 'simple request', seen: (of) => of.phrases.simple > 0 && isShort(of) },
  { name: 'low effort', points: -1, words: 'low effort asked for', seen: ({ effort }) => effort === 'low' },
  { name: 'hard', points: 3, words: 'a hard problem', seen: ({ phrases }) => phrases.hard > 0 },
  { name: 'very hard', points: 2, words: 'a very hard problem', seen: ({ phrases }) => phrases.hard > 1 },
  { name: 'maths', points: 1, words: 'maths', seen: ({ phrases, hasMaths }) => hasMaths || phrases.maths > 0 },
  { name: 'code', points: 1, words: 'code', seen: ({ phrases, hasCode }) => hasCode || phrases.code > 0 },
  { name: 'reasoning', points: 1, words: 'reasoning', seen: ({ phrases }) => phrases.reasoning > 0 },
  { name: 'steps', points: 1, words: 'several steps', seen: (of) => of.phrases.steps > 0 || of.items > 2 },
  { name: 'conditions', points: 1, words: 'conditions to keep', seen: ({ phrases }) => phrases.conditions > 0 },
  { name: 'many conditions', points: 1, words: 'many conditions', seen: ({ phrases }) => phrases.conditions > 1 },
  { name: 'tasks', points: 1, words: 'several tasks', seen: ({ phrases }) => phrases.tasks > 1 },
  { name: 'many tasks', points: 1, words: 'many tasks', seen: ({ phrases }) => phrases.tasks > 2 },
  { name: 'parts', points: 1, words: 'many parts', seen: ({ clauses, chars }) => clauses >= 5 && chars >= 200 },
  { name: 'questions', points: 1, words: 'several questions', seen: ({ questions }) => questions > 2 },
  { name: 'long', points: 1, words: 'a long message', seen: ({ chars }) => chars >= 320 },
  { name: 'very long', points: 1, words: 'a very long message', seen: ({ chars }) => chars >= 1_500 },
  { name: 'material', points: 1, words: 'much material', seen: ({ materialChars }) => materialChars >= 4_000 },
  { name: 'media', points: 1, words: 'an image or a document', seen: ({ hasMedia }) => hasMedia },
  { name: 'thinking', points: 1, words: 'thinking asked for', seen: ({ isThinkingAsked }) => isThinkingAsked },
  { name: 'high effort', points: 2, words: 'high effort asked for', seen: ({ effort }) => effort === 'high' },
  {
    name: 'highest effort',
    points: 4,
    words: 'the highest effort asked for',
    seen: ({ effort }) => effort === 'highest'
  }
]

/** What speaks against the small model whatever the score: a run with tools is longer than its first sentence tells. */
const LEAST_MIDDLE = [
  { words: 'tools', seen: ({ hasTools }: Features) => hasTools },
  { words: 'thinking asked for', seen: ({ isThinkingAsked }: Features) => isThinkingAsked }
]

export interface Score {
  readonly points: number
  readonly tier: Tier
  /** Whether anything was seen at all that speaks for one of the tiers. */
  readonly isClear: boolean
  /** What was seen, in a few words that begin a sentence. */
  readonly why: string
}

export function scoreOf(features: Features): Score {
  const seen = SIGNALS.filter((signal) => signal.seen(features))
  const points = seen.reduce((sum, signal) => sum + signal.points, 0)
  const least = LEAST_MIDDLE.find((floor) => floor.seen(features))
  const wanted = points <= SMALL_AT_MOST ? 'small' : points >= TOP_AT_LEAST ? 'top' : 'middle'
  const tier = wanted === 'small' && least ? 'middle' : wanted
  return { points, tier, isClear: seen.length > 0, why: sentence(explain(seen, tier, least?.words)) }
}

/** Short, and nothing in it that asks for an argument or must be read as code. */
function isShort({ chars, materialChars, items, phrases, hasCode }: Features): boolean {
  if (phrases.reasoning > 0 || phrases.tasks > 1 || hasCode) return false
  return chars <= SHORT_CHARS_MAX && materialChars <= SHORT_CHARS_MAX * 4 && items < 3
}

function explain(seen: readonly Signal[], tier: Tier, least: string | undefined): string {
  const down = wordsOf(seen.filter(({ points }) => points < 0)).slice(0, 1)
  const up = wordsOf(seen.filter(({ points }) => points > 0)).slice(0, 2)
  if (tier === 'small') return down[0] ?? 'small request'
  if (down[0] && (up[0] || least)) return `${down[0]}, but ${up[0] ?? least}`
  if (up.length > 0) return up.join(' and ')
  return least ?? 'no clear sign either way'
}

/** The weightiest first; of a signal and its stronger one, the stronger alone. */
function wordsOf(seen: readonly Signal[]): string[] {
  const names = new Set(seen.map(({ name }) => name))
  const stronger: Readonly<Record<string, string>> = {
    hard: 'very hard',
    conditions: 'many conditions',
    tasks: 'many tasks',
    long: 'very long',
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
