/*
 * Says where text stops being JSON. JSON.parse names no position for most faults, and quotes the
 * customer's text in its message; this runs only after it has refused.
 */

const QUOTE = 0x22
const DEPTH_MAX = 200
const MINUS = 0x2d
const ZERO = 0x30
const ESCAPED = new Set(Buffer.from('"\\/bfnrt'))
/** By their first byte. */
const LITERALS = new Map(['true', 'false', 'null'].map((word) => [word.charCodeAt(0), Buffer.from(word)]))

class Fault extends Error {
  readonly at: number
  constructor(at: number) {
    super('fault')
    this.at = at
  }
}

/** `unexpected character at byte 17 (line 2, column 3)` or `ends too early …`; for bytes that are no JSON. */
export function locateJsonFault(bytes: Uint8Array): string {
  const at = findFault(bytes)
  const what = at >= bytes.length ? 'it ends too early' : 'unexpected character'
  let line = 1
  let lineStart = 0
  for (let i = 0; i < at && i < bytes.length; i++) {
    if (bytes[i] === 0x0a) {
      line++
      lineStart = i + 1
    }
  }
  return `${what} at byte ${at} (line ${line}, column ${at - lineStart + 1})`
}

function findFault(bytes: Uint8Array): number {
  try {
    return space(bytes, value(bytes, space(bytes, 0), 0))
  } catch (error) {
    if (error instanceof Fault) return error.at
    throw error
  }
}

function value(bytes: Uint8Array, at: number, depth: number): number {
  if (depth > DEPTH_MAX) throw new Fault(at)
  switch (bytes[at]) {
    case QUOTE:
      return text(bytes, at)
    case 0x7b:
      return members(bytes, at, { close: 0x7d, keyed: true, depth })
    case 0x5b:
      return members(bytes, at, { close: 0x5d, keyed: false, depth })
    default:
      return primitive(bytes, at)
  }
}

function members(
  bytes: Uint8Array,
  from: number,
  { close, keyed, depth }: { close: number; keyed: boolean; depth: number }
): number {
  let at = space(bytes, from + 1)
  if (bytes[at] === close) return at + 1
  for (;;) {
    if (keyed) {
      if (bytes[at] !== QUOTE) throw new Fault(at)
      at = space(bytes, text(bytes, at))
      if (bytes[at] !== 0x3a) throw new Fault(at)
      at = space(bytes, at + 1)
    }
    at = space(bytes, value(bytes, at, depth + 1))
    if (bytes[at] === close) return at + 1
    if (bytes[at] !== 0x2c) throw new Fault(at)
    at = space(bytes, at + 1)
  }
}

function text(bytes: Uint8Array, from: number): number {
  for (let at = from + 1; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte === QUOTE) return at + 1
    if (byte < 0x20) throw new Fault(at)
    if (byte !== 0x5c) continue
    at++
    const escaped = bytes[at] ?? 0
    if (escaped === 0x75) {
      for (let i = 0; i < 4; i++) {
        at++
        if (!isHex(bytes[at] ?? 0)) throw new Fault(at)
      }
    } else if (!ESCAPED.has(escaped)) throw new Fault(at)
  }
  throw new Fault(bytes.length)
}

function isHex(byte: number): boolean {
  const lower = byte | 0x20
  return (byte >= ZERO && byte <= 0x39) || (lower >= 0x61 && lower <= 0x66)
}

function primitive(bytes: Uint8Array, at: number): number {
  const word = LITERALS.get(bytes[at] ?? 0)
  if (word) {
    for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) throw new Fault(at)
    return at + word.length
  }
  return number(bytes, at)
}

function number(bytes: Uint8Array, from: number): number {
  const start = bytes[from] === MINUS ? from + 1 : from
  let at = digits(bytes, start)
  if (bytes[start] === ZERO && at > start + 1) throw new Fault(start + 1)
  if (bytes[at] === 0x2e) at = digits(bytes, at + 1)
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    const sign = bytes[at + 1]
    at = digits(bytes, sign === MINUS || sign === 0x2b ? at + 2 : at + 1)
  }
  return at
}

/** The end of at least one digit. */
function digits(bytes: Uint8Array, from: number): number {
  let at = from
  for (let byte = bytes[at] ?? 0; byte >= ZERO && byte <= 0x39; byte = bytes[at] ?? 0) at++
  if (at === from) throw new Fault(from)
  return at
}

function space(bytes: Uint8Array, from: number): number {
  let at = from
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++
  return at
}
