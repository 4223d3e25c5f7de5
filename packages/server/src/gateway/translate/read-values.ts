import { invalid, isObject, isWhole, type JsonObject, show } from '../request/value.js'
import { EFFORTS, type Effort, type TextPart } from './neutral.js'

/*
 * Values as they are read from a request. Each takes undefined and null for absent, and throws
 * `AppError('invalid_request')` that names the field where the value is of another kind.
 */

export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

export function readObject(value: unknown, field: string): JsonObject {
  if (!isObject(value)) throw invalid(field, `must be an object, got ${show(value)}`)
  return value
}

export function readList(value: unknown, field: string): readonly unknown[] {
  if (isAbsent(value)) return []
  if (!Array.isArray(value)) throw invalid(field, `must be a list, got ${show(value)}`)
  return value
}

export function readText(value: unknown, field: string): string {
  if (typeof value !== 'string') throw invalid(field, `must be a text, got ${show(value)}`)
  return value
}

export function readTextOrNull(value: unknown, field: string): string | null {
  return isAbsent(value) ? null : readText(value, field)
}

export function readName(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '') throw invalid(field, `must be a text, got ${show(value)}`)
  return value
}

export function readNumber(value: unknown, field: string): number | null {
  if (isAbsent(value)) return null
  if (typeof value !== 'number') throw invalid(field, `must be a number, got ${show(value)}`)
  return value
}

export function readTokens(value: unknown, field: string): number | null {
  if (isAbsent(value)) return null
  if (!isWhole(value, 1)) throw invalid(field, `must be a whole number of at least 1, got ${show(value)}`)
  return value
}

export function readFlag(value: unknown, field: string): boolean | null {
  if (isAbsent(value)) return null
  if (typeof value !== 'boolean') throw invalid(field, `must be true or false, got ${show(value)}`)
  return value
}

export function readOneOf<T extends string>(value: unknown, choices: readonly T[], field: string): T {
  const found = choices.find((choice) => choice === value)
  if (found === undefined) throw invalid(field, `must be one of ${choices.join(', ')}; got ${show(value)}`)
  return found
}

export function readEffort(value: unknown, field: string): Effort | null {
  return isAbsent(value) ? null : readOneOf(value, EFFORTS, field)
}

/** `cache_control` of a part, as a member to be spread into it. */
export function cacheOf(value: unknown): { cacheControl?: JsonObject } {
  return isObject(value) ? { cacheControl: value } : {}
}

export function textPart(text: string, cacheControl?: unknown): TextPart {
  return { type: 'text', text, ...cacheOf(cacheControl) }
}
