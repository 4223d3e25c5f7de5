import { invalid, isObject, type JsonObject } from '../request/value.js'

/**
 * What becomes of a field when a request is translated. `docs/gateway.md` lists every one, and a test holds the page to
 * these tables.
 */
export type FieldRule =
  /** Its meaning reaches the provider; the note says where it is not word for word. */
  | { readonly how: 'carried'; readonly note?: string }
  /** Left out, and nothing is lost by it: the note says why. */
  | { readonly how: 'ignored'; readonly note: string }
  /** 400. The note is the mend; `unless` are the values that mean the same as leaving it out. */
  | { readonly how: 'refused'; readonly note: string; readonly unless?: readonly unknown[] }

/** By the path of the field with `[]` for any index and `content[text]` for a part of that type. */
export type FieldTable = Readonly<Record<string, FieldRule>>

export const carried = (note?: string): FieldRule =>
  note === undefined ? { how: 'carried' } : { how: 'carried', note }
export const ignored = (note: string): FieldRule => ({ how: 'ignored', note })
export const refused = (note: string, ...unless: readonly unknown[]): FieldRule => ({ how: 'refused', note, unless })

/**
 * Throws `AppError('invalid_request')` for the first field of `value` that the table refuses or does not know. Null means
 * the same as leaving a field out.
 */
export function checkFields(
  value: JsonObject,
  { table, at, path }: { table: FieldTable; at: string; path: string }
): void {
  for (const [name, given] of Object.entries(value)) {
    if (given === null || given === undefined) continue
    const rule = Object.hasOwn(table, path + name) ? table[path + name] : undefined
    if (rule === undefined) {
      throw invalid(at + name, 'is not known here, and this model is reached by translation; leave it out')
    }
    if (rule.how !== 'refused' || isHarmless(given, rule.unless ?? [])) continue
    throw invalid(at + name, `cannot be carried to this model: ${rule.note}`)
  }
}

/** An empty list or object asks for nothing. */
function isHarmless(given: unknown, unless: readonly unknown[]): boolean {
  if (Array.isArray(given)) return given.length === 0
  if (isObject(given) && Object.keys(given).length === 0) return true
  return unless.includes(given)
}
