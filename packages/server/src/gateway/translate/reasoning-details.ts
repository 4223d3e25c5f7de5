import { isObject, type JsonObject } from '../request/value.js'
import type { AssistantPart } from './neutral.js'

/*
 * OpenRouter's `reasoning_details`: pieces of reasoning, some of them signed or encrypted, that it wants back unmodified where tools were
 * called (OpenRouter, Reasoning tokens, "Preserving reasoning" and "Reasoning details API shape"). The other formats have a place for a text
 * with a signature, and for data that nobody reads: what else a detail says travels in those.
 */

/** Tells a detail's own members from another provider's signature. */
const PREFIX = 'caid_'
/** What a detail is in where it does not say so: then signature and data are Anthropic's own. */
const ANTHROPIC = 'anthropic-claude-v1'

function seal(detail: JsonObject): string {
  return PREFIX + Buffer.from(JSON.stringify(detail)).toString('base64url')
}

function open(sealed: string): JsonObject | undefined {
  if (!isSealedDetail(sealed)) return undefined
  try {
    const detail: unknown = JSON.parse(Buffer.from(sealed.slice(PREFIX.length), 'base64url').toString('utf8'))
    return isObject(detail) ? detail : undefined
  } catch {
    return undefined
  }
}

/** Whether a signature or data is a detail of OpenRouter's, which means nothing to another provider. */
export function isSealedDetail(text: string): boolean {
  return text.startsWith(PREFIX)
}

/** What of a detail can be read; null where there is nothing but data. */
export function textOfDetail({ type, text, summary }: JsonObject): string | null {
  if (type !== 'reasoning.text' && type !== 'reasoning.summary') return null
  const told = type === 'reasoning.text' ? text : summary
  return typeof told === 'string' ? told : ''
}

/** A detail with its next piece: a text comes in many of one index, and its signature in the last. Undefined where it is another's. */
export function addPiece(detail: JsonObject, piece: JsonObject): JsonObject | undefined {
  if (detail.type !== piece.type || detail.index !== piece.index) return undefined
  return { ...detail, ...Object.fromEntries(Object.entries(piece).filter(([, value]) => value !== null)) }
}

/** What a detail with a text says beside it, as the signature of that text; null where that is nothing. */
export function signatureOfDetail({ text: _, summary: __, ...detail }: JsonObject): string | null {
  const { type, format, signature } = detail
  const isSigned = typeof signature === 'string' && signature !== ''
  if (type === 'reasoning.text' && isAnthropic(format)) return isSigned ? signature : null
  return type === 'reasoning.text' && format === 'unknown' && !isSigned ? null : seal(detail)
}

/** A detail without a text, as data. */
export function dataOfDetail(detail: JsonObject): string {
  const { type, format, data } = detail
  return type === 'reasoning.encrypted' && isAnthropic(format) && typeof data === 'string' ? data : seal(detail)
}

function isAnthropic(format: unknown): boolean {
  return format === undefined || format === null || format === ANTHROPIC
}

/** The reasoning of an assistant's turn as OpenRouter takes it back: a text, or details where there is more than that. */
export function replayedDetails(parts: readonly AssistantPart[]): JsonObject {
  const thoughts = parts.filter((part) => part.type === 'thinking' || part.type === 'redacted_thinking')
  if (thoughts.length === 0) return {}
  const texts = thoughts.flatMap((part) => (part.type === 'thinking' && !part.signature ? [part.text] : []))
  return texts.length === thoughts.length
    ? { reasoning: texts.join('\n') }
    : { reasoning_details: thoughts.map(detailOf) }
}

function detailOf(part: Extract<AssistantPart, { type: 'thinking' | 'redacted_thinking' }>): JsonObject {
  if (part.type === 'redacted_thinking') {
    return open(part.data) ?? { type: 'reasoning.encrypted', data: part.data, format: ANTHROPIC }
  }
  const { text, signature } = part
  if (!signature) return { type: 'reasoning.text', text }
  const detail = open(signature) ?? { type: 'reasoning.text', signature, format: ANTHROPIC }
  return { ...detail, [detail.type === 'reasoning.summary' ? 'summary' : 'text']: text }
}
