import { isObject, type JsonObject } from '../request/value.js'

/** The field that carries arguments which are no JSON object to a format that takes nothing else. */
export const INVALID_ARGUMENTS = 'invalid_arguments'

/**
 * A tool call's arguments as the object that Anthropic's format takes. Empty and `null` are no arguments. What a model
 * wrote that is no JSON object is kept as text under `invalid_arguments`, so that the call can still be answered.
 */
export function argumentsToObject(text: string): JsonObject {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
    if (value === null) return {}
  } catch {
    // Told below.
  }
  return { [INVALID_ARGUMENTS]: text }
}

/** The same, back: an object as JSON text; `{}` where there was nothing. */
export function argumentsToText(input: unknown): string {
  if (isObject(input) && typeof input[INVALID_ARGUMENTS] === 'string' && Object.keys(input).length === 1) {
    return input[INVALID_ARGUMENTS]
  }
  return JSON.stringify(input ?? {})
}

/**
 * Tells when a JSON object that comes in pieces is whole, looking at each character once. Deltas of
 * parallel calls may interleave; a call that is whole needs to be waited for no longer.
 */
export function createObjectWatch(): { add(text: string): void; isWhole(): boolean } {
  let depth = 0
  let begun = false
  let inString = false
  let escaped = false

  function take(character: string): void {
    if (inString) {
      if (escaped) escaped = false
      else if (character === '\\') escaped = true
      else if (character === '"') inString = false
      return
    }
    if (character === '"') inString = true
    else if (character === '{' || character === '[') {
      depth++
      begun = true
    } else if (character === '}' || character === ']') depth--
  }

  return {
    add(text) {
      for (const character of text) take(character)
    },
    isWhole: () => begun && depth <= 0
  }
}
