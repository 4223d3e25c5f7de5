import { isObject } from '../request/value.js'
import type { RedactedThinkingPart, ThinkingPart } from './neutral.js'

/** Tells ours from another provider's, which would mean nothing here. */
const PREFIX = 'cai1_'

/**
 * Reasoning as the `encrypted_content` of a Responses item, which clients send back unread: the text and what its provider
 * signed. It is encoded, not encrypted: the client got the same text in the item's summary.
 */
export function sealReasoning(part: ThinkingPart | RedactedThinkingPart): string {
  return PREFIX + Buffer.from(JSON.stringify(part)).toString('base64url')
}

/** What `sealReasoning` sealed; undefined for anything else. */
export function openReasoning(sealed: string): ThinkingPart | RedactedThinkingPart | undefined {
  if (!sealed.startsWith(PREFIX)) return undefined
  try {
    const part: unknown = JSON.parse(Buffer.from(sealed.slice(PREFIX.length), 'base64url').toString('utf8'))
    if (!isObject(part)) return undefined
    if (part.type === 'redacted_thinking' && typeof part.data === 'string') return { type: part.type, data: part.data }
    if (part.type !== 'thinking' || typeof part.text !== 'string') return undefined
    return { type: part.type, text: part.text, signature: typeof part.signature === 'string' ? part.signature : null }
  } catch {
    return undefined
  }
}
