import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { locateJsonFault } from './json-fault.js'
import { JSON_DEPTH_MAX, scanTopLevel, spliceTopLevel } from './splice.js'

const NAMES = new Set(['model', 'max_tokens', 'stream', 'messages'])
const bytesOf = (text: string) => Buffer.from(text)
const scan = (text: string) => scanTopLevel(bytesOf(text), NAMES)
const splice = (text: string, replacements: Record<string, string | number | boolean>) =>
  Buffer.from(spliceTopLevel(bytesOf(text), scan(text), replacements)).toString()

describe('spliceTopLevel', () => {
  test('replaces a value and leaves the rest as it was written', () => {
    const body = '{ "model" :\t"opus" ,\n  "x": {"model":"inner", "model":"twice"}, "max_tokens": 1e3 }\n'
    expect(splice(body, { model: 'claude-opus-4-7', max_tokens: 512 })).toBe(
      '{ "model" :\t"claude-opus-4-7" ,\n  "x": {"model":"inner", "model":"twice"}, "max_tokens": 512 }\n'
    )
  })

  test('adds a field that is missing', () => {
    expect(splice('{"model":"a"}', { max_tokens: 5 })).toBe('{"max_tokens":5,"model":"a"}')
    expect(splice(' { } ', { max_tokens: 5, stream: true })).toBe(' {"max_tokens":5,"stream":true } ')
  })

  test('without replacements it is the very same bytes', () => {
    const body = bytesOf('{"model":"a"}')
    expect(spliceTopLevel(body, scanTopLevel(body, NAMES), {})).toBe(body)
  })

  test('refuses a name that was not scanned for', () => {
    expect(() => splice('{"a":1}', { a: 2 })).toThrow('a was not scanned for')
  })
})

/** JSON text of a value with random white space wherever JSON allows it. */
function spacedJson(value: unknown, space: () => string): string {
  if (Array.isArray(value))
    return `[${space()}${value.map((item) => spacedJson(item, space)).join(`${space()},${space()}`)}]`
  if (typeof value === 'object' && value !== null) return spacedObject(Object.entries(value), space)
  return JSON.stringify(value)
}

function spacedObject(entries: [string, unknown][], space: () => string): string {
  const fields = entries.map(([key, item]) => `${JSON.stringify(key)}${space()}:${space()}${spacedJson(item, space)}`)
  return `{${space()}${fields.join(`${space()},${space()}`)}${space()}}`
}

const spaces = fc.array(fc.constantFrom('', '', ' ', '\n', '\t', '\r\n', '   '), { minLength: 1, maxLength: 9 })
const names = fc.constantFrom('model', 'max_tokens', 'stream', 'messages')
const strings = fc.string({ unit: 'binary', maxLength: 60 })
const values = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' })

describe('splicing any object', () => {
  const objects = fc.record({
    known: fc.uniqueArray(fc.tuple(names, values), { selector: ([name]) => name }),
    unknown: fc.array(
      fc.tuple(
        strings.filter((key) => !NAMES.has(key)),
        values
      ),
      { maxLength: 5 }
    ),
    spaces,
    shuffle: fc.infiniteStream(fc.nat())
  })
  const replacements = fc.dictionary(names, fc.oneof(fc.string(), fc.integer(), fc.boolean()), { maxKeys: 4 })

  test('means the same with the fields replaced, and keeps every other byte', () => {
    fc.assert(
      fc.property(objects, replacements, (object, replaced) => {
        const order = [...object.known, ...object.unknown]
          .map((entry) => ({ entry, key: object.shuffle.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ entry }) => entry)
        let turn = 0
        const text = spacedObject(order, () => object.spaces[turn++ % object.spaces.length] ?? '')
        const bytes = bytesOf(text)
        const found = scanTopLevel(bytes, NAMES)
        const spliced = Buffer.from(spliceTopLevel(bytes, found, replaced))

        // Assigning `__proto__` would be lost, so the expectation is built by JSON.parse, too.
        const expected = JSON.parse(text)
        for (const [name, value] of Object.entries(replaced)) expected[name] = value
        expect(JSON.parse(spliced.toString())).toEqual(expected)

        // Putting the old values back and cutting out what was added restores the original.
        const added = Object.keys(replaced).filter((name) => !found.fields.has(name))
        let restored: Buffer = spliced
        if (added.length > 0) {
          const insert = added.map((name) => `${JSON.stringify(name)}:${JSON.stringify(replaced[name])}`).join(',')
          const length = Buffer.byteLength(insert) + (found.isEmpty ? 0 : 1)
          const tail = spliced.subarray(found.bodyStart + length)
          restored = Buffer.concat([spliced.subarray(0, found.bodyStart), tail])
        }
        const inPlace = Object.keys(replaced).filter((name) => found.fields.has(name))
        const old = [...found.fields].filter(([name]) => inPlace.includes(name)).sort((a, b) => a[1].start - b[1].start)
        const pieces: Buffer[] = []
        let at = 0
        let shift = 0
        for (const [name, range] of old) {
          const length = Buffer.byteLength(JSON.stringify(replaced[name]))
          pieces.push(restored.subarray(at, range.start + shift), bytes.subarray(range.start, range.end) as Buffer)
          at = range.start + shift + length
          shift += length - (range.end - range.start)
        }
        pieces.push(restored.subarray(at))
        expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
      })
    )
  })

  test('long strings with many escapes end where they end', () => {
    const escaped = fc.array(fc.constantFrom('\\', '"', 'a', 'é', '中', '\n', 'x'.repeat(40)), { maxLength: 80 })
    fc.assert(
      fc.property(escaped, (pieces) => {
        const value = pieces.join('')
        const text = JSON.stringify({ a: value, [`k${value}`]: [value], model: value })
        const range = scan(text).fields.get('model')
        expect(JSON.parse(bytesOf(text).subarray(range?.start, range?.end).toString())).toBe(value)
      })
    )
  })
})

describe('scanTopLevel refuses', () => {
  test.each([
    ['[1]', 'body: must be a JSON object'],
    ['"text"', 'body: must be a JSON object'],
    ['', 'body: is not valid JSON: it ends too early at byte 0 (line 1, column 1)'],
    ['{"model":"a","model":"b"}', 'model: is there twice; send it once'],
    ['{"model":"a","mod\\u0065l":"b"}', 'model: its name is written with escapes; write it plainly'],
    ['{"mod\\u0065l":"b"}', 'model: its name is written with escapes; write it plainly'],
    ['{"model":"a"', 'body: is not valid JSON: it ends too early at byte 12 (line 1, column 13)'],
    ['{"model":"a"} x', 'body: is not valid JSON: unexpected character at byte 14 (line 1, column 15)'],
    ['{"a":1,\n "b" 2}', 'body: is not valid JSON: unexpected character at byte 13 (line 2, column 6)'],
    ['{"a":}', 'body: is not valid JSON: unexpected character at byte 5 (line 1, column 6)']
  ])('%s', (text, message) => {
    expect(() => scan(text)).toThrow(expect.objectContaining({ code: 'invalid_request', message }))
  })

  test('nesting beyond the limit, and takes nesting at it', () => {
    const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
    expect(() => scan(nested(JSON_DEPTH_MAX))).not.toThrow()
    expect(() => scan(nested(JSON_DEPTH_MAX + 1))).toThrow('body: is nested deeper than 100 levels')
  })

  test('names it did not ask for may repeat', () => {
    expect(scan('{"x":1,"x":2,"\\u0078":3}').fields.size).toBe(0)
  })
})

/** Whether some text can follow `prefix` so that the whole is JSON: tried with every way to go on. */
function isPrefix(prefix: string): boolean {
  try {
    JSON.parse(prefix)
    return true
  } catch (error) {
    // V8 says so where the text is good as far as it goes.
    return (
      error instanceof Error &&
      /end of JSON|Unterminated|Expected .* at position|Exponent part is missing|No number after minus/.test(
        error.message
      )
    )
  }
}

describe('locateJsonFault', () => {
  test.each([
    ['{"a":01}', 6],
    ['[1.]', 3],
    ['[1e]', 3],
    ['[-]', 2],
    ['[.5]', 1],
    ['[tru]', 1],
    ['[nul', 1],
    ['["\\x"]', 3],
    ['["\\u00g0"]', 6],
    ['["a\nb"]', 3],
    ['[1,]', 3],
    ['{"a":1,}', 7],
    ['{,}', 1],
    ['[1}', 2],
    ['["abc', 5],
    ['', 0]
  ])('%j at byte %i', (text, at) => {
    expect(locateJsonFault(bytesOf(text))).toMatch(new RegExp(` at byte ${at} `))
  })

  test('reads all of what JSON.parse takes, and stops short of the end in what it refuses', () => {
    const insert = fc.constantFrom('"', '}', ',', 'x', '\u0001', '-', '0', '.', 'e', '\\', '')
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.nat(), insert, (json, position, piece) => {
        const cut = position % (json.length + 1)
        const text = json.slice(0, cut) + piece + json.slice(cut)
        const bytes = bytesOf(text)
        const at = Number(/at byte (\d+)/.exec(locateJsonFault(bytes))?.[1])
        let valid = true
        try {
          JSON.parse(text)
        } catch {
          valid = false
        }
        if (valid) expect(at).toBe(bytes.length)
        // Closed by a space, only text that merely lacks its end may be read to the end.
        else if (at === bytes.length) expect(isPrefix(text)).toBe(true)
      }),
      { numRuns: 500 }
    )
  })
})
