import type { CacheWriteTtl } from '../../catalog/price.js'
import { isObject, type JsonObject } from './value.js'

/*
 * Tokens guessed without a tokenizer, by character class. Two tables: one for holds, which must not
 * fall short, and one for what was delivered before an abort, which should be right on average.
 * Weights are hundredths of a token, whole, so that text counted in pieces sums to the same.
 *
 * class                                   hold   ordinary   typical tokenizers
 * ASCII letters and spaces                  40      24      English prose 0.20-0.30 a character
 * ASCII digits                             100      50      one to three digits a token
 * ASCII punctuation and control characters 100      50      code and JSON: mostly one a token
 * U+0080-07FF (accents, Greek, Cyrillic…)  100      45      0.3-0.9
 * U+0800-FFFF (CJK, Indic, symbols…)       200     110      Chinese 0.8-1.4, Korean 1-2
 * beyond (emoji), for each half            150     100      1-3 a character
 */
interface Weights {
  readonly letter: number
  readonly digit: number
  readonly punctuation: number
  readonly twoByte: number
  readonly threeByte: number
  readonly surrogate: number
}

const HOLD: Weights = { letter: 40, digit: 100, punctuation: 100, twoByte: 100, threeByte: 200, surrogate: 150 }
const ORDINARY: Weights = { letter: 24, digit: 50, punctuation: 50, twoByte: 45, threeByte: 110, surrogate: 100 }

/** Ordinary weights over hold weights, for most text; a second pass over a large body would cost more than it tells. */
const LIKELY_SHARE = 0.55

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
  /** The same, right on average: what a rate limit counts until the provider's own number comes. */
  readonly likelyTokens: number
  readonly cacheWriteTtl: CacheWriteTtl
  /** Images in the request, those that tools returned among them. */
  readonly images: number
}

/**
 * The input of a request for its hold. A provider refuses what exceeds the context window, so no more
 * than that can be billed. A dense PDF may still cost more than its size tells: the settle covers that.
 */
export function estimateInput(body: JsonObject, { contextWindow }: { contextWindow: number }): InputEstimate {
  const tally: Tally = { hundredths: 0, tokens: REQUEST_TOKENS, images: 0, cacheWriteTtl: 'none' }
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
  const textTokens = tally.hundredths / 100
  const inputTokens = Math.min(tally.tokens + Math.ceil(textTokens), contextWindow)
  const likelyTokens = Math.min(tally.tokens + Math.ceil(textTokens * LIKELY_SHARE), contextWindow)
  return { inputTokens, likelyTokens, cacheWriteTtl: tally.cacheWriteTtl, images: tally.images }
}

/** Tokens of a text, right on average rather than safe. */
export function estimateTextTokens(text: string): number {
  return Math.ceil(hundredthsOf(text, ORDINARY) / 100)
}

/** Tokens of a text, meant not to fall short. */
export function estimateTextTokensMost(text: string): number {
  return Math.ceil(hundredthsOf(text, HOLD) / 100)
}

/** Counts text that comes in pieces; the sum is that of the whole, wherever it was cut. */
export interface TextCounter {
  add(text: string): void
  /** Adds the UTF-8 bytes of a JSON string's inside, escapes and all, without decoding them. */
  addJsonBytes(bytes: Uint8Array, start: number, end: number): void
  tokens(): number
}

export function createTextCounter(): TextCounter {
  let hundredths = 0
  return {
    add(text) {
      hundredths += hundredthsOf(text, ORDINARY)
    },
    addJsonBytes(bytes, start, end) {
      hundredths += hundredthsOfJson(bytes, start, end)
    },
    tokens: () => Math.ceil(hundredths / 100)
  }
}

interface Tally {
  hundredths: number
  tokens: number
  images: number
  cacheWriteTtl: CacheWriteTtl
}

function addContent(tally: Tally, content: unknown): void {
  if (typeof content === 'string') {
    tally.hundredths += hundredthsOf(content, HOLD)
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
    tally.hundredths += hundredthsOf(value, HOLD)
  } else if (Array.isArray(value)) {
    for (const item of value) addDeep(tally, item)
  } else if (isObject(value)) {
    for (const [name, item] of Object.entries(value)) {
      if (name === 'cache_control') {
        noteCacheControl(tally, item)
        continue
      }
      tally.tokens += BLOCK_TOKENS
      tally.hundredths += hundredthsOf(name, HOLD)
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
  for (let i = 0; i < text.length; i++) sum += weightOf(text.charCodeAt(i), weights)
  return sum
}

function weightOf(code: number, weights: Weights): number {
  if (code < 0x80) {
    if (code === 0x20 || (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a)) return weights.letter
    return code >= 0x30 && code <= 0x39 ? weights.digit : weights.punctuation
  }
  if (code < 0x800) return weights.twoByte
  return code >= 0xd800 && code <= 0xdfff ? weights.surrogate : weights.threeByte
}

/** The same sum from a JSON string's bytes: a lead byte tells the class, the bytes after it add nothing. */
function hundredthsOfJson(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0
    if (byte === 0x5c) {
      i++
      if (bytes[i] === 0x75) {
        sum += weightOf(readHex(bytes, i + 1), ORDINARY)
        i += 4
      } else {
        sum += ORDINARY.punctuation
      }
    } else if (byte < 0x80) sum += weightOf(byte, ORDINARY)
    else if (byte >= 0xf0) sum += 2 * ORDINARY.surrogate
    else if (byte >= 0xe0) sum += ORDINARY.threeByte
    else if (byte >= 0xc0) sum += ORDINARY.twoByte
  }
  return sum
}

function readHex(bytes: Uint8Array, start: number): number {
  return Number.parseInt(Buffer.from(bytes.subarray(start, start + 4)).toString('latin1'), 16) || 0
}
