import { newestHumanText } from '../auto/conversation.js'
import { createTextCounter, estimateTextTokens } from '../request/estimate.js'
import { isObject, isWhole, type JsonObject } from '../request/value.js'
import { MARKDOWN_SAMPLE } from './sandbox-sample.js'

const WORDS_MAX = 20_000
const ECHO_CHARS_MAX = 200
const IMAGE_TOKENS = 1_600
const DOCUMENT_TOKENS = 2_000
/** Pieces that go out before a stall or a cut. */
const PIECES_BEFORE_TROUBLE = 5
const DIRECTIVE = /\[sandbox (slow|fail|stall|cut|empty|words|markdown)(?: (\d{1,6}))?\]/g

/** What the sandbox will say, decided before a byte is sent. */
export interface SandboxAnswer {
  readonly inputTokens: number
  readonly outputTokens: number
  /** The answer word by word, cut at max_tokens. */
  readonly pieces: readonly string[]
  readonly stopReason: 'end_turn' | 'max_tokens'
  readonly delayMs: number
  readonly ending: 'whole' | 'stall' | 'cut' | 'empty'
  /** An HTTP status to fail with instead. */
  readonly failStatus: number | null
}

/**
 * Reads the prompt and its directives: `[sandbox slow 50]` (ms before each piece), `fail 529`, `stall`,
 * `cut`, `empty`, `words 200`, `markdown`.
 */
export function planSandboxAnswer(body: JsonObject): SandboxAnswer {
  const { text } = newestHumanText(body.messages)
  const directives = new Map<string, number>()
  for (const [, name = '', count] of text.matchAll(DIRECTIVE)) directives.set(name, Number(count ?? Number.NaN))
  const numberOf = (name: string, otherwise: number) => {
    const count = directives.get(name)
    return count === undefined || Number.isNaN(count) ? otherwise : count
  }
  const words = directives.has('words') ? Math.min(numberOf('words', 100), WORDS_MAX) : null
  const said = directives.has('markdown') ? MARKDOWN_SAMPLE : describe(text.replace(DIRECTIVE, '').trim(), words)
  const cut = cutAt(piecesOf(said), maxTokensOf(body))
  return {
    ...cut,
    inputTokens: countInput(body),
    delayMs: directives.has('slow') ? numberOf('slow', 50) : 0,
    ending: endingOf(directives),
    failStatus: directives.has('fail') ? numberOf('fail', 500) : null
  }
}

/** The pieces that go out of an answer that ends in trouble. */
export function piecesBeforeTrouble({ pieces }: SandboxAnswer): readonly string[] {
  return pieces.slice(0, PIECES_BEFORE_TROUBLE)
}

function endingOf(directives: ReadonlyMap<string, number>): SandboxAnswer['ending'] {
  return (['empty', 'stall', 'cut'] as const).find((name) => directives.has(name)) ?? 'whole'
}

function describe(text: string, words: number | null): string {
  const intro = 'This is the Caicaini sandbox: no model was asked.'
  if (words !== null) return Array.from({ length: words }, (_, i) => (i === 0 ? '[sandbox]' : `word${i + 1}`)).join(' ')
  const count = text.split(/\s+/).filter(Boolean).length
  if (count === 0) return `${intro} Your message holds no text.`
  const echo = text.length > ECHO_CHARS_MAX ? `${text.slice(0, ECHO_CHARS_MAX)}…` : text
  return `${intro} Your message has ${count} ${count === 1 ? 'word' : 'words'}: “${echo}”`
}

/** Words with the space after them, so that the pieces joined are the text. */
function piecesOf(text: string): string[] {
  return text.match(/\S+\s*/g) ?? []
}

function cutAt(
  pieces: readonly string[],
  maxTokens: number
): Pick<SandboxAnswer, 'pieces' | 'outputTokens' | 'stopReason'> {
  const counter = createTextCounter('claude')
  let outputTokens = 1
  for (const [i, piece] of pieces.entries()) {
    counter.add(piece)
    if (counter.tokens() > maxTokens) return { pieces: pieces.slice(0, i), outputTokens, stopReason: 'max_tokens' }
    outputTokens = counter.tokens()
  }
  return { pieces, outputTokens, stopReason: 'end_turn' }
}

function maxTokensOf(body: JsonObject): number {
  return isWhole(body.max_tokens, 1) ? body.max_tokens : 1
}

function countInput(body: JsonObject): number {
  let tokens = 3 + countContent(body.system)
  if (Array.isArray(body.tools) && body.tools.length > 0) tokens += tokensOf(JSON.stringify(body.tools))
  if (Array.isArray(body.messages)) {
    for (const message of body.messages) tokens += 4 + (isObject(message) ? countContent(message.content) : 0)
  }
  return tokens
}

function countContent(content: unknown): number {
  if (typeof content === 'string') return tokensOf(content)
  if (!Array.isArray(content)) return 0
  let tokens = 0
  for (const block of content.filter(isObject)) {
    if (block.type === 'image') tokens += IMAGE_TOKENS
    else if (block.type === 'document') tokens += DOCUMENT_TOKENS
    else if (block.type === 'tool_result') tokens += countContent(block.content)
    else if (typeof block.text === 'string') tokens += tokensOf(block.text)
    else tokens += tokensOf(JSON.stringify(block))
  }
  return tokens
}

/** It plays Claude. */
function tokensOf(text: string): number {
  return estimateTextTokens(text, 'claude')
}
