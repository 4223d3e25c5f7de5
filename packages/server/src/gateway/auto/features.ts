import { thinkingOf } from '../request/thinking.js'
import { isObject, type JsonObject } from '../request/value.js'
import type { Conversation } from './conversation.js'
import { wordingOf } from './human-text.js'
import { countPhrases } from './lexicon.js'
import { offersTools } from './needs.js'
import type { ListName } from './words.js'

export type Effort = 'none' | 'low' | 'medium' | 'high' | 'highest'

/** What is seen of a message: all that the score knows of it. */
export interface Features {
  /** Length of the person's own words; a character that is a syllable or a word counts as three. */
  readonly chars: number
  /** Nothing but a greeting or thanks, or an echo asked for. */
  readonly isGreeting: boolean
  /** Words of nine letters or more: in every language with letters those of a trade are among them. */
  readonly longWords: number
  /** Whether it begins with something to be done to a text that follows: that text's shape is not the task's. */
  readonly isHandling: boolean
  /** How many different phrases of each list stand in it. */
  readonly phrases: Readonly<Record<ListName, number>>
  readonly hasCode: boolean
  readonly hasMaths: boolean
  /** Whether an answer of more than a thousand words is asked for. */
  readonly isLongAnswer: boolean
  /** Items of a list, as `1.` or `-` at the beginning of a line. */
  readonly items: number
  readonly questions: number
  /** Commas and semicolons between its parts. */
  readonly clauses: number
  /** Characters of what was quoted, fenced or piped in. */
  readonly materialChars: number
  readonly hasMedia: boolean
  readonly hasTools: boolean
  readonly isThinkingAsked: boolean
  readonly effort: Effort
}

const GREETING =
  /^(?:(?:hi|hey|hello|yo|good (?:morning|evening|night)|thanks?|thank you|thx|bye|test|testing|ping|hallo|guten (?:tag|morgen)|danke|hola|gracias|buenos d[ií]as|bonjour|salut|merci|cześć|dzień dobry|dzięki|dziękuję|ciao|grazie|olá|obrigad[oa]|привет|спасибо|здравствуйте|مرحبا|شكرا)(?: (?:there|again|you|everyone|so much|a lot|very much|schön|dir|todos))?|(?:just )?(?:say|repeat|echo|reply with|answer with|sag|di|dis|powiedz) .{1,40}|(?:你好|您好|谢谢|早上好|こんにちは|ありがとう(?:ございます)?|おはよう(?:ございます)?|안녕(?:하세요)?|감사합니다))[\s!.,?！。？]*$/u
const GREETING_CHARS_MAX = 60

const CODE_SIGNS =
  /=>|\w\(\)|;[ \t]*$|^[ \t]*(?:def|const|let|import|#include|select)\s|\w\.(?:ts|js|py|rs|go|c|cpp|java|sql|json|ya?ml|sh|md)\b|c\+\+|c#/mu
const MATHS_SIGNS =
  /[∫∑√≤≥∀∃∈π]|\d\s*[\^=]\s*[\dxyn]|\b[xyn]\s?\^\s?[\dn]|\b[xyn]²|(?<![\d/])\d{1,12}\s?[+*/×]\s?\d{1,12}(?![\d/])|\bf\(x\)/u
const LONG_ANSWER =
  /\d[,. ]?\d{3}[ -]?(?:words|wörter|mots|palabras|słów|parole|palavras|слов|字|단어)|[一二两三四五六七八九十]千字|万字/u
/** Where it stands that a text is to be summed up or translated, if it is. */
const HANDLING_CHARS = 80
const LONG_WORD = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]{9,}/gu
const ITEM = /^[ \t]*(?:\d{1,2}[.)]|[-*•])\s/gmu
/** A syllable or a word in one character, where Latin needs about three. */
const DENSE = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/gu

export function featuresOf({ text, hasMedia }: Conversation, body: JsonObject): Features {
  const { words, hasFence, materialChars } = wordingOf(text)
  const plain = plainText(words)
  const line = plain.replace(/\s+/gu, ' ').trim()
  return {
    chars: line.length + 2 * (line.match(DENSE)?.length ?? 0),
    isGreeting: line.length <= GREETING_CHARS_MAX && materialChars < GREETING_CHARS_MAX && GREETING.test(line),
    longWords: line.match(LONG_WORD)?.length ?? 0,
    phrases: countPhrases(line),
    isHandling: countPhrases(line.slice(0, HANDLING_CHARS)).handling > 0,
    hasCode: hasFence || CODE_SIGNS.test(plain),
    hasMaths: MATHS_SIGNS.test(line),
    isLongAnswer: LONG_ANSWER.test(line),
    items: plain.match(ITEM)?.length ?? 0,
    questions: line.match(/[?？؟]+/gu)?.length ?? 0,
    clauses: line.match(/[,;:،、,;:]/gu)?.length ?? 0,
    materialChars,
    hasMedia,
    hasTools: offersTools(body),
    isThinkingAsked: thinkingOf(body) === 'asked',
    effort: effortOf(body)
  }
}

const OPENERS =
  /^(?:(?:hi|hey|hello|ok|okay|so|um|well|please|pls|plz|quick question|bitte|por favor|proszę)\b[\s,.!:-]*)+(?=\S.{8})/u
const ASKING = /^(?:can|could|would|will) you (?:please |kindly )?/u
const CLOSERS =
  /[\s,.!;-]*\b(?:please|pls|plz|thanks?(?: a lot| so much| in advance)?|thank you(?: so much| very much)?|thx|cheers|asap)[\s!.:)]*$/u

/** As it would be written without haste and manners: noise around a question is no part of it. */
function plainText(words: string): string {
  const lower = words
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[‘’`´]/gu, "'")
    .replace(/\p{Extended_Pictographic}/gu, '')
  const even = lower.replace(/(?<=\p{L})[-‐–—]/gu, ' ')
  const calm = even
    .replace(/([!?.])[!?.]+/gu, '$1')
    .replace(/ {2,}/gu, ' ')
    .trim()
  const bare = calm
    .replace(OPENERS, '')
    .replace(ASKING, '')
    .replace(/^please /u, '')
  const tail = bare.slice(-60)
  const cut = tail.replace(CLOSERS, (closing) => (closing.includes('?') ? '?' : ''))
  return cut.trim() === '' || bare.length <= 20 ? bare : bare.slice(0, -60) + cut
}

const EFFORTS: Readonly<Record<string, Effort>> = {
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'highest',
  max: 'highest'
}

function effortOf({ output_config, reasoning_effort, reasoning }: JsonObject): Effort {
  const asked = [
    isObject(output_config) ? output_config.effort : undefined,
    isObject(reasoning) ? reasoning.effort : undefined,
    reasoning_effort
  ].find((effort) => typeof effort === 'string')
  return (typeof asked === 'string' && Object.hasOwn(EFFORTS, asked) ? EFFORTS[asked] : undefined) ?? 'none'
}
