import { AppError } from '@caicaini/protocol'
import { locateJsonFault } from './json-fault.js'

/** Deepest nesting that is read: nobody writes deeper by hand, and each level costs memory out of proportion. */
export const JSON_DEPTH_MAX = 100

/** Bytes of a field's value, from `start` up to but not including `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Where the top-level fields that were asked for lie in the bytes of a JSON object. */
export interface TopLevelScan {
  /** Value ranges by name, of the names asked for only. */
  readonly fields: ReadonlyMap<string, ByteRange>
  /** Names that were asked for: only these may be spliced, for only these are known to stand there once. */
  readonly names: ReadonlySet<string>
  /** Offset right after the opening brace. */
  readonly bodyStart: number
  readonly isEmpty: boolean
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const COLON = 0x3a
const COMMA = 0x2c
// Short strings are faster to walk than to hand to a native search.
const WALK_BYTES = 24

/**
 * Finds the values of `names` among the top-level fields, without decoding or parsing. Of bytes that
 * are valid JSON the ranges are exact; it accepts some that are not, so parse them as well. Throws
 * `AppError('invalid_request')` when it is not an object, is nested too deep, or spells one of `names`
 * twice or with escapes: the provider's parser would take another value than the one that was checked.
 */
export function scanTopLevel(bytes: Uint8Array, names: ReadonlySet<string>): TopLevelScan {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fields = new Map<string, ByteRange>()
  let at = skipSpace(buffer, 0)
  if (buffer[at] !== OPEN_BRACE) {
    throw isValidStart(buffer, at) ? invalid('body: must be a JSON object') : notJson(buffer)
  }
  const bodyStart = at + 1
  at = skipSpace(buffer, bodyStart)
  const isEmpty = buffer[at] === CLOSE_BRACE
  while (!isEmpty) {
    if (buffer[at] !== QUOTE) throw notJson(buffer)
    const keyEnd = skipString(buffer, at)
    const name = readName(buffer, { start: at + 1, end: keyEnd - 1 }, names)
    at = skipSpace(buffer, keyEnd)
    if (buffer[at] !== COLON) throw notJson(buffer)
    const start = skipSpace(buffer, at + 1)
    const end = skipValue(buffer, start)
    if (name !== undefined) {
      if (fields.has(name)) throw invalid(`${name}: is there twice; send it once`, name)
      fields.set(name, { start, end })
    }
    at = skipSpace(buffer, end)
    if (buffer[at] === CLOSE_BRACE) break
    if (buffer[at] !== COMMA) throw notJson(buffer)
    at = skipSpace(buffer, at + 1)
  }
  if (skipSpace(buffer, at + 1) !== buffer.length) throw notJson(buffer)
  return { fields, names, bodyStart, isEmpty }
}

/**
 * The same bytes with the values of some top-level fields replaced; a field that is not there is put
 * right after the opening brace. Every other byte stays. Only names that the scan looked for.
 */
export function spliceTopLevel(
  bytes: Uint8Array,
  scan: TopLevelScan,
  replacements: Readonly<Record<string, string | number | boolean | object>>
): Uint8Array {
  const added: string[] = []
  const edits: { range: ByteRange; json: string }[] = []
  for (const [name, value] of Object.entries(replacements)) {
    if (!scan.names.has(name)) throw new Error(`splice: ${name} was not scanned for`)
    const json = JSON.stringify(value)
    const range = scan.fields.get(name)
    if (range) edits.push({ range, json })
    else added.push(`${JSON.stringify(name)}:${json}`)
  }
  if (edits.length === 0 && added.length === 0) return bytes
  edits.sort((a, b) => a.range.start - b.range.start)
  const pieces: Uint8Array[] = [bytes.subarray(0, scan.bodyStart)]
  if (added.length > 0) pieces.push(Buffer.from(added.join(',') + (scan.isEmpty ? '' : ',')))
  let at = scan.bodyStart
  for (const { range, json } of edits) {
    pieces.push(bytes.subarray(at, range.start), Buffer.from(json))
    at = range.end
  }
  pieces.push(bytes.subarray(at))
  return Buffer.concat(pieces)
}

/** The key's name if it is one of `names`; throws if it is one of them in disguise. */
function readName(buffer: Buffer, { start, end }: ByteRange, names: ReadonlySet<string>): string | undefined {
  const raw = buffer.toString('utf8', start, end)
  if (!raw.includes('\\')) return names.has(raw) ? raw : undefined
  let name: unknown
  try {
    name = JSON.parse(`"${raw}"`)
  } catch {
    throw notJson(buffer)
  }
  if (typeof name === 'string' && names.has(name)) {
    throw invalid(`${name}: its name is written with escapes; write it plainly`, name)
  }
  return undefined
}

function skipSpace(buffer: Buffer, from: number): number {
  let at = from
  for (;;) {
    const byte = buffer[at]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at
    at++
  }
}

/** The offset after the closing quote of the string that opens at `from`. */
function skipString(buffer: Buffer, from: number): number {
  let at = from + 1
  for (;;) {
    const walkEnd = Math.min(at + WALK_BYTES, buffer.length)
    while (at < walkEnd) {
      const byte = buffer[at]
      if (byte === QUOTE) return at + 1
      at += byte === BACKSLASH ? 2 : 1
    }
    const quote = buffer.indexOf(QUOTE, at)
    if (quote === -1) throw notJson(buffer)
    // `at` never stands behind an open escape, so backslashes are counted back to it at most.
    let before = quote
    while (before > at && buffer[before - 1] === BACKSLASH) before--
    if ((quote - before) % 2 === 0) return quote + 1
    at = quote + 1
  }
}

function skipValue(buffer: Buffer, from: number): number {
  const first = buffer[from]
  if (first === QUOTE) return skipString(buffer, from)
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipNested(buffer, from)
  let at = from
  while (at < buffer.length && !isDelimiter(buffer[at])) at++
  if (at === from) throw notJson(buffer)
  return at
}

function skipNested(buffer: Buffer, from: number): number {
  // The object itself is the first level.
  let depth = 1
  let at = from
  while (at < buffer.length) {
    const byte = buffer[at]
    if (byte === QUOTE) {
      at = skipString(buffer, at)
      continue
    }
    at++
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > JSON_DEPTH_MAX) {
        throw invalid(`body: is nested deeper than ${JSON_DEPTH_MAX} levels at byte ${at - 1}; flatten it`)
      }
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (--depth === 1) return at
    }
  }
  throw notJson(buffer)
}

function isDelimiter(byte: number | undefined): boolean {
  return byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || (byte !== undefined && byte <= 0x20)
}

/** Whether a JSON value that is no object may begin here: only then is "must be an object" what is wrong. */
function isValidStart(buffer: Buffer, at: number): boolean {
  return at < buffer.length && '["-0123456789tfn'.includes(String.fromCharCode(buffer[at] ?? 0))
}

function notJson(buffer: Buffer): AppError {
  return invalid(`body: is not valid JSON: ${locateJsonFault(buffer)}`)
}

function invalid(message: string, param?: string): AppError {
  return new AppError('invalid_request', message, param === undefined ? {} : { param })
}
