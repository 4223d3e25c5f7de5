/*
 * Says where text stops being JSON. JSON.parse names no position for most faults, and quotes the
 * customer's text in its message; this runs only after it has refused.
 */

const QUOTE = 0x22
const DEPTH_MAX = 200
const LITERALS = ['true', 'false', 'null'].map((word) => Buffer.from(word))
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/

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
    const escaped = String.fromCharCode(bytes[at] ?? 0)
    if (escaped === 'u') {
      for (let i = 0; i < 4; i++) {
        at++
        if (!/[0-9a-fA-F]/.test(String.fromCharCode(bytes[at] ?? 0))) throw new Fault(at)
      }
    } else if (!'"\\/bfnrt'.includes(escaped)) throw new Fault(at)
  }
  throw new Fault(bytes.length)
}

function primitive(bytes: Uint8Array, at: number): number {
  for (const word of LITERALS) {
    if (word.every((byte, i) => bytes[at + i] === byte)) return at + word.length
  }
  let end = at
  while (end < bytes.length && /[-+.0-9eE]/.test(String.fromCharCode(bytes[end] ?? 0))) end++
  if (!NUMBER.test(Buffer.from(bytes.subarray(at, end)).toString('latin1'))) throw new Fault(at)
  return end
}

function space(bytes: Uint8Array, from: number): number {
  let at = from
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++
  return at
}
