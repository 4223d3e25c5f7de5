import type { ModelEntry } from '../../catalog/schema.js'
import { parseBody, readModel } from '../request/client-request.js'
import { scanTopLevel, spliceTopLevel } from '../request/splice.js'
import { invalid, isWhole, type JsonObject, show } from '../request/value.js'

export interface JsonRequest {
  readonly body: JsonObject
  readonly model: string
  /** The same bytes for this model: its name at the provider, and the options that its price is for. */
  bytesFor(way: { readonly model: ModelEntry; readonly upstreamId: string }): Uint8Array
}

/** Reads a JSON body; `fields` and the model must stand in it once, plainly spelt. */
export function readJsonRequest(bytes: Uint8Array, fields: readonly string[]): JsonRequest {
  const scan = scanTopLevel(bytes, new Set(['model', ...fields]))
  const body = parseBody(bytes)
  return {
    body,
    model: readModel(body.model),
    bytesFor({ model, upstreamId }) {
      const { options = {} } = model
      const names = Object.keys(options)
      const whole = names.length === 0 ? scan : scanTopLevel(bytes, new Set(['model', ...fields, ...names]))
      return spliceTopLevel(bytes, whole, { model: upstreamId, ...missingOptions(body, options) })
    }
  }
}

/** The first value of each option that the request leaves to the provider, whose own choice may cost more. */
function missingOptions(body: JsonObject, options: Readonly<Record<string, readonly string[]>>) {
  const missing: Record<string, string> = {}
  for (const [field, values] of Object.entries(options)) {
    const value = body[field]
    if (value === undefined || value === null) missing[field] = values[0] ?? ''
    else if (typeof value !== 'string' || !values.includes(value)) {
      throw invalid(field, `${show(value)} is not priced here; ${values.map((each) => `"${each}"`).join(', ')} is`)
    }
  }
  return missing
}

/** A text that must be there. */
export function readText(body: JsonObject, field: string): string {
  const value = body[field]
  if (value === undefined) throw invalid(field, 'is missing; send a text')
  if (typeof value !== 'string' || value === '') throw invalid(field, `must be a text, got ${show(value)}`)
  return value
}

export function parseAnswer(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    return undefined
  }
}

/** A count in a provider's answer. */
export function countIn(value: unknown): number | undefined {
  return isWhole(value, 0) ? value : undefined
}
