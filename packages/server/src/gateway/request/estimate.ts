import type { CacheWriteTtl } from '../../catalog/price.js'
import {
  HOLD_WEIGHTS,
  leadByteOf,
  ORDINARY_WEIGHTS,
  SURROGATE,
  type Tokenizer,
  tokenizerOf,
  type Weights
} from './token-weights.js'
import { isObject, type JsonObject } from './value.js'

export { type Tokenizer, tokenizerOf }

/*
 * Tokens guessed without a tokenizer, by the weights in token-weights.ts: one table for holds, which must not fall
 * short, and those for what is billed where nobody counted, which should be right on average. Weights are whole,
 * so that text counted in pieces sums to the same.
 */

/** Flat cost of an image: Anthropic resizes to about 1,600 tokens, newer models up to three times that (docs, vision). */
const IMAGE_TOKENS = 5_000
/** A PDF page: up to 3,000 tokens of text and an image of it (docs, PDF support); ten kilobytes a page. */
const PDF_PAGE_TOKENS = 4_600
const PDF_PAGE_BYTES = 10_000
/** A document behind a URL or a file id, whose size is not known here. */
const UNSEEN_DOCUMENT_TOKENS = 100_000
/** Speech is about ten tokens a second, and its most compact form about two kilobytes of base64 (OpenAI's docs, audio). */
const AUDIO_BYTES_PER_TOKEN = 200
/** What the provider puts around the prompt, each message and each block or field. */
const REQUEST_TOKENS = 50
const MESSAGE_TOKENS = 8
const BLOCK_TOKENS = 4
/** Anthropic's own system prompt for tools: 264-804 tokens by model (docs, tool use pricing). */
const TOOLS_TOKENS = 1_000

export interface InputEstimate {
  /** Tokens of all input, meant not to fall short; at most `contextWindow`. */
  readonly inputTokens: number
  /** The same, right on average: what a rate limit counts until the provider's own number comes, and is billed where none does. */
  readonly likelyTokens: number
  readonly cacheWriteTtl: CacheWriteTtl
  /** Images in the request, those that tools returned among them. */
  readonly images: number
}

/**
 * The input of a request for its hold. A provider refuses what exceeds the context window, so no more
 * than that can be billed. A dense PDF may still cost more than its size tells: the settle covers that.
 */
export function estimateInput(
  body: JsonObject,
  { contextWindow, tokenizer }: { contextWindow: number; tokenizer: Tokenizer }
): InputEstimate {
  const tally = newTally(tokenizer)
  noteCacheControl(tally, body.cache_control)
  addContent(tally, body.system)
  if (Array.isArray(body.messages)) {
    for (const message of body.messages) {
      tally.tokens += MESSAGE_TOKENS
      if (!isObject(message)) continue
      addContent(tally, message.content)
      // OpenAI's assistant turns: what was called, and what was thought before it.
      addDeep(tally, message.tool_calls)
      addDeep(tally, message.reasoning_content)
    }
  }
  addDeep(tally, body.instructions)
  addItems(tally, body.input)
  if (Array.isArray(body.tools) && body.tools.length > 0) {
    tally.tokens += TOOLS_TOKENS
    addDeep(tally, body.tools)
  }
  addDeep(tally, body.output_config)
  addDeep(tally, body.output_format)
  addDeep(tally, body.response_format)
  const inputTokens = Math.min(tally.tokens + Math.ceil(tally.most / 100), contextWindow)
  const likelyTokens = Math.min(tally.tokens + Math.ceil(tally.likely / 100), contextWindow)
  return { inputTokens, likelyTokens, cacheWriteTtl: tally.cacheWriteTtl, images: tally.images }
}

/** Tokens of a text, right on average rather than safe. */
export function estimateTextTokens(text: string, tokenizer: Tokenizer): number {
  return Math.ceil(hundredthsOf(text, ORDINARY_WEIGHTS[tokenizer]) / 100)
}

/** Tokens of a text, meant not to fall short. */
export function estimateTextTokensMost(text: string): number {
  return Math.ceil(hundredthsOf(text, HOLD_WEIGHTS) / 100)
}

/** Counts text that comes in pieces; the sum is that of the whole, wherever it was cut. */
export interface TextCounter {
  add(text: string): void
  /** Adds the UTF-8 bytes of a JSON string's inside, escapes and all, without decoding them. */
  addJsonBytes(bytes: Uint8Array, start: number, end: number): void
  tokens(): number
}

export function createTextCounter(tokenizer: Tokenizer): TextCounter {
  const weights = ORDINARY_WEIGHTS[tokenizer]
  let hundredths = 0
  return {
    add(text) {
      hundredths += hundredthsOf(text, weights)
    },
    addJsonBytes(bytes, start, end) {
      hundredths += hundredthsOfJson(bytes, { start, end, weights })
    },
    tokens: () => Math.ceil(hundredths / 100)
  }
}

interface Tally {
  readonly weights: Weights
  /** Hundredths of tokens in text: at most, and right on average. */
  most: number
  likely: number
  /** Whole tokens beside the text. */
  tokens: number
  images: number
  cacheWriteTtl: CacheWriteTtl
}

function newTally(tokenizer: Tokenizer): Tally {
  const weights = ORDINARY_WEIGHTS[tokenizer]
  return { weights, most: 0, likely: 0, tokens: REQUEST_TOKENS, images: 0, cacheWriteTtl: 'none' }
}

/** Both in one pass: a body may be megabytes. */
function addText(tally: Tally, text: string): void {
  const { weights } = tally
  let most = 0
  let likely = 0
  for (let i = 0; i < text.length; i++) {
    const lead = leadByteOf(text.charCodeAt(i))
    most += HOLD_WEIGHTS[lead] as number
    likely += weights[lead] as number
  }
  tally.most += most
  tally.likely += likely
}

function addContent(tally: Tally, content: unknown): void {
  if (typeof content === 'string') {
    addText(tally, content)
  } else if (Array.isArray(content)) {
    for (const block of content) addBlock(tally, block)
  }
}

/** The input of OpenAI's Responses: a text, or messages, calls and their results in one list. */
function addItems(tally: Tally, input: unknown): void {
  if (!Array.isArray(input)) {
    addDeep(tally, input)
    return
  }
  for (const item of input) {
    tally.tokens += MESSAGE_TOKENS
    if (isObject(item) && item.content !== undefined) addContent(tally, item.content)
    else addDeep(tally, item)
  }
}

const IMAGE_TYPES: readonly unknown[] = ['image', 'image_url', 'input_image']

function addBlock(tally: Tally, block: unknown): void {
  tally.tokens += BLOCK_TOKENS
  if (!isObject(block)) {
    addDeep(tally, block)
    return
  }
  noteCacheControl(tally, block.cache_control)
  if (IMAGE_TYPES.includes(block.type)) {
    tally.tokens += IMAGE_TOKENS
    tally.images++
  } else if (block.type === 'document' && isObject(block.source)) {
    addDocument(tally, block.source)
    addDeep(tally, block.title)
    addDeep(tally, block.context)
  } else if (block.type === 'file' || block.type === 'input_file') {
    addFile(tally, isObject(block.file) ? block.file : block)
  } else if (block.type === 'input_audio') {
    const data = isObject(block.input_audio) ? block.input_audio.data : undefined
    tally.tokens += typeof data === 'string' ? Math.ceil(data.length / AUDIO_BYTES_PER_TOKEN) : UNSEEN_DOCUMENT_TOKENS
  } else if (block.type === 'tool_result') {
    addContent(tally, block.content)
  } else {
    addDeep(tally, block)
  }
}

function addDocument(tally: Tally, source: JsonObject): void {
  if (source.type === 'base64' && typeof source.data === 'string') {
    const bytes = source.data.length * 0.75
    tally.tokens += Math.max(1, Math.ceil(bytes / PDF_PAGE_BYTES)) * PDF_PAGE_TOKENS
  } else if (source.type === 'text' || source.type === 'content') {
    // Both: which of the two a provider reads is its own to say, and one must not hide the other.
    addContent(tally, source.data)
    addContent(tally, source.content)
  } else {
    tally.tokens += UNSEEN_DOCUMENT_TOKENS
  }
}

/** A file of OpenAI's formats: its bytes as a data URL, or an id whose size is not known here. */
function addFile(tally: Tally, file: JsonObject): void {
  const data = file.file_data
  addDocument(tally, typeof data === 'string' ? { type: 'base64', data } : { type: 'file' })
}

/** Every name and value in a JSON value; nesting was limited when the body was read. */
function addDeep(tally: Tally, value: unknown): void {
  if (typeof value === 'string') {
    addText(tally, value)
  } else if (Array.isArray(value)) {
    for (const item of value) addDeep(tally, item)
  } else if (isObject(value)) {
    for (const [name, item] of Object.entries(value)) {
      if (name === 'cache_control') {
        noteCacheControl(tally, item)
        continue
      }
      tally.tokens += BLOCK_TOKENS
      addText(tally, name)
      addDeep(tally, item)
    }
  } else if (value !== undefined) {
    tally.tokens += BLOCK_TOKENS
  }
}

function noteCacheControl(tally: Tally, control: unknown): void {
  if (!isObject(control)) return
  // Anything but the documented five minutes is priced as the dearest.
  if (control.ttl !== undefined && control.ttl !== null && control.ttl !== '5m') tally.cacheWriteTtl = '1h'
  else if (tally.cacheWriteTtl === 'none') tally.cacheWriteTtl = '5m'
}

function hundredthsOf(text: string, weights: Weights): number {
  let sum = 0
  for (let i = 0; i < text.length; i++) sum += weights[leadByteOf(text.charCodeAt(i))] as number
  return sum
}

const BACKSLASH = 0x5c
const LINE_END = 0x0a
/** What JSON escapes by a backslash before it and is itself: quotes and slashes. All others are control characters. */
const ITSELF: readonly (number | undefined)[] = [0x22, 0x2f, BACKSLASH]

/** The same sum from a JSON string's bytes. */
function hundredthsOfJson(
  bytes: Uint8Array,
  { start, end, weights }: { start: number; end: number; weights: Weights }
): number {
  let sum = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number
    if (byte !== BACKSLASH) {
      // Two halves in UTF-16.
      sum += byte >= SURROGATE ? 2 * (weights[SURROGATE] as number) : (weights[byte] as number)
      continue
    }
    i++
    const escaped = bytes[i]
    if (escaped === 0x75) {
      sum += weights[leadByteOf(readHex(bytes, i + 1))] as number
      i += 4
    } else {
      sum += weights[ITSELF.includes(escaped) ? BACKSLASH : LINE_END] as number
    }
  }
  return sum
}

function readHex(bytes: Uint8Array, start: number): number {
  return Number.parseInt(Buffer.from(bytes.subarray(start, start + 4)).toString('latin1'), 16) || 0
}
