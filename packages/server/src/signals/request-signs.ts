import { createHash } from 'node:crypto'

/** As much of what a conversation begins with as tells one script from another. */
const BEGINNING_CHARS = 2_000

export interface RequestSigns {
  readonly endUser: string | undefined
  readonly begins: string | undefined
}

/** Of a request's body: whom a program says it asks for, and what the conversation begins with, both as hashes alone. */
export function signsOf(body: Readonly<Record<string, unknown>>): RequestSigns {
  const { metadata, user, safety_identifier: safetyId, system, instructions, messages, input } = body
  const userId = isRecord(metadata) ? metadata.user_id : undefined
  const named = [userId, safetyId, user].find((each): each is string => typeof each === 'string' && each !== '')
  const turns = Array.isArray(messages) ? messages : Array.isArray(input) ? input : []
  const isSystem = (turn: unknown) => isRecord(turn) && (turn.role === 'system' || turn.role === 'developer')
  const frame = system ?? instructions ?? turns.find(isSystem)
  const isFirst = typeof input === 'string' || turns.filter((turn) => !isSystem(turn)).length === 1
  return {
    // Claude Code appends its session, which is new each time that the same person begins.
    endUser: named && hash(named.replace(/_session_.*$/, '')),
    begins: isFirst && frame !== undefined ? hash(JSON.stringify(frame).slice(0, BEGINNING_CHARS)) : undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
