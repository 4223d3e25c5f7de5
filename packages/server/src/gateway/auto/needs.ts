import type { ModelEntry } from '../../catalog/schema.js'
import { isObject, isWhole, type JsonObject } from '../request/value.js'
import { messagesOf } from './conversation.js'

/** What a request needs of a model, whatever its words say. */
export interface Needs {
  readonly images: boolean
  readonly pdf: boolean
  readonly tools: boolean
  readonly thinking: boolean
  /** All input, guessed from lengths: counting characters one by one would take longer than all the rest. */
  readonly inputTokens: number
  /** Output asked for at most. */
  readonly outputTokens: number
  /** How long what this request writes to a cache lives, 0 where it asks for none. */
  readonly cacheTtlMs: number
}

/** Tokens a character: English prose 0.25, code 0.3 to 0.4; Chinese, Japanese and Korean about one. */
const TOKENS_PER_CHAR = 0.3
const TOKENS_PER_WIDE_CHAR = 1.1
const WIDE_FROM = 0x0800
const SAMPLED_CHARS = 32
const IMAGE_TOKENS = 1_600
const FILE_TOKENS = 20_000
/** Deeper than this nothing that is long lies; what a body may nest is limited elsewhere. */
const DEPTH_MAX = 12

const MINUTE_MS = 60_000
const CACHE_MS = 5 * MINUTE_MS
const LONG_CACHE_MS = 60 * MINUTE_MS

interface Walk {
  images: boolean
  pdf: boolean
  tokens: number
  cacheTtlMs: number
}

export function needsOf(body: JsonObject): Needs {
  const walk: Walk = { images: false, pdf: false, tokens: 0, cacheTtlMs: 0 }
  noteCache(walk, body.cache_control)
  for (const part of [body.system, body.instructions, messagesOf(body), body.tools]) visit(walk, part, 0)
  const { max_tokens, max_completion_tokens, max_output_tokens, thinking } = body
  const asked = [max_tokens, max_completion_tokens, max_output_tokens].find((tokens) => isWhole(tokens, 1))
  return {
    images: walk.images,
    pdf: walk.pdf,
    tools: offersTools(body),
    thinking: isObject(thinking) && thinking.type !== 'disabled',
    inputTokens: Math.ceil(walk.tokens),
    outputTokens: isWhole(asked, 1) ? asked : 0,
    cacheTtlMs: walk.cacheTtlMs
  }
}

/** Whether there are tools: in the request, or, as newer Codex sends them, in an item of its input. */
export function offersTools({ tools, input }: JsonObject): boolean {
  if (Array.isArray(tools) && tools.length > 0) return true
  return Array.isArray(input) && input.some((item) => isObject(item) && item.type === 'additional_tools')
}

/** Whether the model can take the request at all. */
export function fits({ capabilities, context_window, max_output_tokens }: ModelEntry, needs: Needs): boolean {
  const has = (what: ModelEntry['capabilities'][number]) => capabilities.includes(what)
  if (needs.images && !has('images')) return false
  if (needs.pdf && !has('pdf')) return false
  if (needs.tools && !has('tools')) return false
  if (needs.thinking && !has('thinking')) return false
  return needs.inputTokens + Math.min(needs.outputTokens, max_output_tokens) <= context_window
}

/** What the request has that the model cannot take, as it stands in a sentence. */
export function lackOf({ capabilities }: ModelEntry, needs: Needs): string {
  const lacks = (['images', 'pdf', 'tools', 'thinking'] as const).find(
    (what) => needs[what] && !capabilities.includes(what)
  )
  if (lacks === undefined) return 'so long a context'
  return lacks === 'pdf' ? 'documents' : lacks
}

function visit(walk: Walk, value: unknown, depth: number): void {
  if (typeof value === 'string') {
    walk.tokens += tokensOf(value)
  } else if (depth > DEPTH_MAX) {
    return
  } else if (Array.isArray(value)) {
    for (const item of value) visit(walk, item, depth + 1)
  } else if (isObject(value)) {
    visitObject(walk, value, depth)
  }
}

const IMAGE_TYPES: readonly unknown[] = ['image', 'image_url', 'input_image']
const FILE_TYPES: readonly unknown[] = ['document', 'file', 'input_file']

function visitObject(walk: Walk, value: JsonObject, depth: number): void {
  noteCache(walk, value.cache_control)
  if (IMAGE_TYPES.includes(value.type)) {
    walk.images = true
    walk.tokens += IMAGE_TOKENS
  } else if (FILE_TYPES.includes(value.type)) {
    noteFile(walk, value, depth)
  } else {
    for (const name in value) visit(walk, value[name], depth + 1)
  }
}

function noteFile(walk: Walk, file: JsonObject, depth: number): void {
  const { source } = file
  if (isObject(source) && (source.type === 'text' || source.type === 'content')) {
    visit(walk, source, depth + 1)
  } else {
    walk.pdf = true
    walk.tokens += FILE_TOKENS
  }
}

function noteCache(walk: Walk, control: unknown): void {
  if (!isObject(control)) return
  walk.cacheTtlMs = Math.max(walk.cacheTtlMs, control.ttl === '1h' ? LONG_CACHE_MS : CACHE_MS)
}

/** By its length and the first characters: a text is seldom half of one script and half of another. */
function tokensOf(text: string): number {
  const sampled = Math.min(text.length, SAMPLED_CHARS)
  if (sampled === 0) return 0
  let wide = 0
  for (let i = 0; i < sampled; i++) if (text.charCodeAt(i) >= WIDE_FROM) wide++
  const share = wide / sampled
  return text.length * (TOKENS_PER_CHAR * (1 - share) + TOKENS_PER_WIDE_CHAR * share)
}
