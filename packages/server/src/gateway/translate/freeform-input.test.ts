import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createInputReader } from './freeform-input.js'

function read(args: string, sizes: readonly number[] = []): { pieces: string[]; input: string } {
  const reader = createInputReader()
  const pieces: string[] = []
  let at = 0
  for (const size of [...sizes, args.length]) {
    pieces.push(reader.add(args.slice(at, at + size)))
    at += size
  }
  pieces.push(reader.end())
  return { pieces, input: pieces.join('') }
}

const each = (args: string) => read(args, new Array(args.length).fill(1))
const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 40 })
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', '\\', '\n', '\t', '/', '😀', '世', '\u2028'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })
  )
})

/** A JSON string as different writers write it: as JavaScript does, or with every character escaped. */
const quoted = (value: string, isEscaped: boolean) => {
  const escaped = Array.from({ length: value.length }, (_, i) => value.charCodeAt(i).toString(16).padStart(4, '0'))
  return isEscaped ? `"${escaped.map((hex) => `\\u${hex}`).join('')}"` : JSON.stringify(value)
}

describe('the input of a freeform call', () => {
  test('is the same text, however its arguments are written and cut', () => {
    const blank = fc.constantFrom('', ' ', '\n  ', '\t')
    const members = fc.dictionary(
      fc.string().filter((name) => name !== 'input'),
      fc.jsonValue(),
      { maxKeys: 3 }
    )
    fc.assert(
      fc.property(text, fc.boolean(), blank, members, cuts, (value, isEscaped, space, others, sizes) => {
        const before = Object.entries(others).map(
          ([name, other]) => `${JSON.stringify(name)}:${JSON.stringify(other)},`
        )
        const args = `${space}{${space}${before.join(space)}"input"${space}:${space}${quoted(value, isEscaped)}${space}}`
        expect(read(args, sizes).input).toBe(value)
        expect(each(args).input).toBe(value)
      }),
      { numRuns: 500 }
    )
  })

  test('is all of the arguments where they hold no such text', () => {
    const other = fc.oneof(
      fc.json().filter((json) => typeof JSON.parse(json)?.input !== 'string'),
      text.filter((value) => !value.trimStart().startsWith('{'))
    )
    fc.assert(
      fc.property(other, cuts, (args, sizes) => {
        expect(read(args, sizes).input).toBe(args)
      }),
      { numRuns: 500 }
    )
  })

  test('is the same in any pieces, whatever the model wrote, and holds no half of a character', () => {
    const parts = fc.constantFrom(
      '{',
      '"input"',
      ':',
      '"',
      '\\',
      'u',
      'd83d',
      '\\ude00',
      ',',
      '}',
      '[',
      'x',
      ' ',
      '\ud83d'
    )
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 14 }), cuts, (written, sizes) => {
        const args = written.join('')
        const { pieces, input } = read(args, sizes)
        expect(input).toBe(read(args).input)
        expect(pieces.every((piece) => piece.isWellFormed())).toBe(true)
      }),
      { numRuns: 2_000 }
    )
  })

  test('is told as it comes', () => {
    expect(read('{"input":"*** Begin Patch\\n*** Add', [9, 1, 5, 12]).pieces).toEqual([
      '',
      '',
      '*** B',
      'egin Patch\n',
      '*** Add',
      ''
    ])
    expect(read('*** Begin', [1, 3]).pieces).toEqual(['*', '** ', 'Begin', ''])
  })

  test.each([
    ['{"input":"a\\ud83d\\ude00b"}', 'a😀b'],
    ['{"input":"a\\ud83d"}', 'a\ufffd'],
    ['{"input":"a\\ude00b"}', 'a\ufffdb'],
    // Broken off: what there is of it.
    ['{"input":"a\\n', 'a\n'],
    ['{"input":"a\\', 'a'],
    ['{"input":"a\\u00', 'a'],
    ['{"inp', '{"inp'],
    // No JSON, but clear enough.
    ['{"input":"a\nb"}', 'a\nb'],
    ['{"input":"\\d+\\.\\uzz"}', '\\d+\\.\\uzz'],
    ['{"input":"a","then":{"input":"b"}}', 'a'],
    // Another input is none.
    ['{"input":["a"]}', '{"input":["a"]}'],
    ['{"args":{"input":"a"}}', '{"args":{"input":"a"}}'],
    ['{"a\\"input":"x"}', '{"a\\"input":"x"}'],
    ['{}', '{}'],
    ['', '']
  ])('%s is %j', (args, input) => {
    expect(read(args).input).toBe(input)
    expect(each(args).input).toBe(input)
  })

  test('of a megabyte is read in one go', () => {
    const value = 'line\n'.repeat(200_000)
    expect(read(JSON.stringify({ input: value })).input).toBe(value)
  })
})
