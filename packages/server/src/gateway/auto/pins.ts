import { createHash } from 'node:crypto'
import { isObject, type JsonObject } from '../request/value.js'
import type { Conversation } from './conversation.js'
import type { Tier } from './score.js'

/** What is remembered of a conversation, in this process alone: lost in a restart, it costs one cache. */
export interface Pin {
  readonly modelId: string
  readonly tier: Tier
  /** When its newest request came, and how long what that wrote to a cache lives. */
  readonly atMs: number
  readonly cacheTtlMs: number
  /** The input of that request, which is what the provider's cache has of it. */
  readonly inputTokens: number
  /** Calls of tools that had been made when it last went up for running in circles: they do not count again. */
  readonly callsSeen: number
}

export interface KeyedPin {
  /** Names the conversation. */
  readonly key: string
  readonly pin: Pin
}

const PINS_MAX = 10_000
const IDLE_MS = 60 * 60_000

export type Pins = ReturnType<typeof createPins>

/** Bounded: the conversation that was silent longest goes first. */
export function createPins({ pinsMax = PINS_MAX }: { pinsMax?: number } = {}) {
  const pins = new Map<string, Pin>()
  return {
    get(key: string, nowMs: number): Pin | undefined {
      const pin = pins.get(key)
      if (pin && nowMs - pin.atMs > IDLE_MS) {
        pins.delete(key)
        return undefined
      }
      return pin
    },
    set({ key, pin }: KeyedPin): void {
      // A Map keeps the order of insertion: what was used last stands last.
      pins.delete(key)
      pins.set(key, pin)
      const oldest = pins.size > pinsMax ? pins.keys().next().value : undefined
      if (oldest !== undefined) pins.delete(oldest)
    },
    get size() {
      return pins.size
    }
  }
}

/** Headers by which clients name a session: Claude Code's, and Codex' in its spellings. */
const SESSION_HEADERS = ['x-claude-code-session-id', 'thread-id', 'session-id', 'session_id'] as const
const TEXT_CHARS_MAX = 4_000

export interface Asker {
  readonly accountId: string
  readonly headers: Pick<Headers, 'get'>
}

/**
 * Names a conversation of an account. A chat names itself; a session may hold several, its subagents', which
 * differ in how they begin; where nothing is named, how it begins is all there is to know it by.
 */
export function conversationKey({ accountId, headers }: Asker, body: JsonObject, { opening }: Conversation): string {
  const chat = headers.get('x-caicaini-chat')
  const parts = chat ? ['chat', chat] : [...sessionOf(headers, body), opening.slice(0, TEXT_CHARS_MAX)]
  return createHash('sha256')
    .update(JSON.stringify([accountId, ...parts]))
    .digest('base64')
}

function sessionOf(headers: Pick<Headers, 'get'>, body: JsonObject): string[] {
  const named = SESSION_HEADERS.map((name) => headers.get(name)).find((value) => value)
  const metadata = isObject(body.metadata) ? body.metadata.user_id : undefined
  const session = named ?? (typeof metadata === 'string' ? metadata : undefined)
  if (session) return ['session', session, headers.get('x-claude-code-agent-id') ?? '']
  return ['opening', systemOf(body)]
}

/** Its beginning: later parts of it may say what day it is. */
function systemOf({ system, instructions, messages }: JsonObject): string {
  const first: unknown = Array.isArray(messages) ? messages[0] : undefined
  const leading = isObject(first) && (first.role === 'system' || first.role === 'developer') ? first.content : undefined
  const text = [system, instructions, leading].map(textOf).find((each) => each !== '') ?? ''
  return text.slice(0, TEXT_CHARS_MAX)
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  const first: unknown = Array.isArray(content) ? content[0] : undefined
  return isObject(first) && typeof first.text === 'string' ? first.text : ''
}
