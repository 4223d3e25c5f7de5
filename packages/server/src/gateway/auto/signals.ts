import type { Features } from './features.js'

const SHORT_CHARS_MAX = 130
/** So short a question for a fact stays one, whatever great words stand in it. */
const FACT_CHARS_MAX = 60

export interface Signal {
  readonly name: string
  readonly points: number
  /** As it stands in a sentence. */
  readonly words: string
  /**
   * `small`: without one of these no message is for the small model. `aside`: a message with nothing but such says
   * nothing of its own, and a conversation keeps its model for it.
   */
  readonly speaks?: 'small' | 'aside'
  readonly seen: (features: Features) => boolean
}

/** All that moves the score, each once at most. docs/auto.md lists them, and a test holds it to this. */
export const SIGNALS: readonly Signal[] = [
  { name: 'greeting', points: -4, words: 'short greeting', speaks: 'small', seen: ({ isGreeting }) => isGreeting },
  {
    name: 'factual',
    points: -3,
    words: 'short factual question',
    speaks: 'small',
    seen: (of) =>
      of.phrases.factual > 0 && isShort(of) && of.questions <= 2 && (of.chars <= FACT_CHARS_MAX || isShallow(of))
  },
  {
    name: 'simple',
    points: -3,
    words: 'simple request',
    speaks: 'small',
    seen: (of) => of.phrases.simple > 0 && isShort(of) && isShallow(of)
  },
  {
    name: 'low effort',
    points: -1,
    words: 'low effort asked for',
    speaks: 'aside',
    seen: ({ effort }) => effort === 'low'
  },
  {
    name: 'personal',
    points: -1,
    words: 'a personal matter',
    speaks: 'aside',
    seen: ({ phrases }) => phrases.personal > 0
  },
  {
    name: 'very personal',
    points: -2,
    words: 'a personal matter',
    speaks: 'aside',
    seen: ({ phrases }) => phrases.personal > 1
  },
  {
    name: 'everyday',
    points: -2,
    words: 'everyday things',
    speaks: 'aside',
    seen: ({ phrases }) => phrases.everyday > 0
  },
  {
    name: 'very everyday',
    points: -1,
    words: 'everyday things',
    speaks: 'aside',
    seen: ({ phrases }) => phrases.everyday > 1
  },
  { name: 'plain', points: -1, words: 'a modest size', speaks: 'aside', seen: ({ phrases }) => phrases.plain > 0 },
  { name: 'hard', points: 2, words: 'a hard problem', seen: ({ phrases }) => phrases.hard > 0 },
  { name: 'very hard', points: 1, words: 'a very hard problem', seen: ({ phrases }) => phrases.hard > 1 },
  {
    name: 'work',
    points: 2,
    words: 'a large piece of work',
    seen: ({ phrases, isLongAnswer }) => isLongAnswer || phrases.work > 0
  },
  { name: 'much work', points: 1, words: 'a very large piece of work', seen: ({ phrases }) => phrases.work > 1 },
  { name: 'judgement', points: 3, words: 'judgement', seen: ({ phrases }) => phrases.judgement > 0 },
  { name: 'much judgement', points: 1, words: 'much judgement', seen: ({ phrases }) => phrases.judgement > 1 },
  { name: 'maths', points: 1, words: 'maths', seen: ({ phrases, hasMaths }) => hasMaths || phrases.maths > 0 },
  { name: 'code', points: 0, words: 'code', seen: ({ phrases, hasCode }) => hasCode || phrases.code > 0 },
  { name: 'reasoning', points: 0, words: 'reasoning', speaks: 'aside', seen: ({ phrases }) => phrases.reasoning > 0 },
  {
    name: 'asks',
    points: 1,
    words: 'several questions in one',
    speaks: 'aside',
    seen: ({ phrases, chars }) => phrases.asks > 1 && chars >= 60
  },
  {
    name: 'steps',
    points: 0,
    words: 'several steps',
    speaks: 'aside',
    seen: (of) => of.phrases.steps > 0 || of.items > 2
  },
  {
    name: 'conditions',
    points: 1,
    words: 'conditions to keep',
    speaks: 'aside',
    seen: (of) => !of.isHandling && of.phrases.conditions > 0
  },
  {
    name: 'many conditions',
    points: 1,
    words: 'many conditions',
    speaks: 'aside',
    seen: (of) => !of.isHandling && of.phrases.conditions > 2
  },
  { name: 'tasks', points: 1, words: 'several tasks', seen: ({ phrases }) => phrases.tasks > 1 },
  { name: 'many tasks', points: 1, words: 'many tasks', seen: ({ phrases }) => phrases.tasks > 2 },
  {
    name: 'parts',
    points: 1,
    words: 'many parts',
    speaks: 'aside',
    seen: (of) => !of.isHandling && of.clauses >= 5 && of.chars >= 200
  },
  { name: 'questions', points: 1, words: 'several questions', seen: ({ questions }) => questions > 2 },
  { name: 'terms', points: 1, words: 'long words', speaks: 'aside', seen: (of) => !of.isHandling && of.longWords >= 2 },
  {
    name: 'many terms',
    points: 1,
    words: 'many long words',
    speaks: 'aside',
    seen: (of) => !of.isHandling && of.longWords >= 4
  },
  { name: 'long', points: 2, words: 'more than a line', seen: (of) => !of.isHandling && of.chars >= 110 },
  { name: 'longer', points: 1, words: 'a long message', seen: (of) => !of.isHandling && of.chars >= 160 },
  { name: 'very long', points: 1, words: 'a very long message', seen: ({ chars }) => chars >= 1_500 },
  { name: 'material', points: 1, words: 'much material', seen: ({ materialChars }) => materialChars >= 4_000 },
  { name: 'media', points: 1, words: 'an image or a document', seen: ({ hasMedia }) => hasMedia },
  { name: 'thinking', points: 0, words: 'thinking asked for', seen: ({ isThinkingAsked }) => isThinkingAsked },
  { name: 'high effort', points: 1, words: 'high effort asked for', seen: ({ effort }) => effort === 'high' },
  {
    name: 'highest effort',
    points: 4,
    words: 'the highest effort asked for',
    seen: ({ effort }) => effort === 'highest'
  }
]

/** Short, and nothing in it that asks for an argument or must be read as code. */
function isShort({ chars, materialChars, items, phrases, hasCode }: Features): boolean {
  if (phrases.reasoning > 0 || phrases.tasks > 1 || hasCode) return false
  return chars <= SHORT_CHARS_MAX && materialChars <= SHORT_CHARS_MAX * 4 && items < 3
}

function isShallow({ phrases }: Features): boolean {
  return phrases.hard === 0 && phrases.work === 0 && phrases.judgement === 0
}
