import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { type MarkdownLook, renderMarkdown } from './render.js'
import { advance, finish, newMarkdownStream, pendingOf } from './stream.js'
import { answer, inPiecesOf, plainLook, streamed, withoutSequences } from './testing.js'

const COLUMNS = [20, 40, 80, 200]

/** Lines that make blocks of every kind when they stand one above the other. */
const line = fc.constantFrom(
  ...['', '', 'word', '# head', '- item', '  - nested', '1. one', '2. two', '> quote', '> - in quote', '```js', '```'],
  ...['const a = 1 // b', '---', '===', '| a | b |', '|---|--:|', '| 1 | 中文 |', '    code', '\tcode', '<div>', '$$'],
  ...[
    '**bold',
    'end** and `code`',
    '[link](https://a.b/c)',
    '中文，标点。与 English 混排的一段文字',
    '\\[ x',
    '- [ ] task'
  ],
  ...[
    'a long line of plain words that has to be wrapped in a narrow terminal, and then some more of it',
    '👨‍👩‍👧 🇨🇳 é',
    '*'
  ]
)
const text = fc.array(line, { maxLength: 40 }).map((lines) => lines.join('\n'))

test('cut anywhere, a text becomes the rows that it becomes as a whole', () => {
  fc.assert(
    fc.property(
      text,
      fc.constantFrom(...COLUMNS),
      fc.integer({ min: 3, max: 30 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (whole, columns, rowsMax, lengths) => {
        const parts: string[] = []
        for (let at = 0; at < whole.length; ) {
          const length = lengths[parts.length % lengths.length] ?? 1
          parts.push(whole.slice(at, at + length))
          at += length
        }
        const look = { ...plainLook, columns }
        expect(streamed(parts, look, rowsMax).rows).toEqual(renderMarkdown(whole, look, rowsMax))
      }
    ),
    { numRuns: 300 }
  )
})

test('what is finished early are the rows that the whole paragraph would have', () => {
  const words = fc.constantFrom(
    'word',
    '中文标点。',
    '**bold**',
    '`code`',
    'a_b',
    '[link](https://a.b)',
    'long-er,',
    '（例）'
  )
  fc.assert(
    fc.property(fc.array(words, { minLength: 60, maxLength: 200 }), fc.constantFrom(...COLUMNS), (all, columns) => {
      const look = { ...plainLook, columns }
      const whole = all.join(' ')
      expect(streamed(inPiecesOf(whole, 7), look, 4).rows).toEqual(renderMarkdown(whole, look, 1_000))
    }),
    { numRuns: 20 }
  )
})

describe.each(COLUMNS)('at %i columns', (columns) => {
  test('the long answer is the same streamed or whole, and no row but of code is too wide', () => {
    const look: MarkdownLook = { ...plainLook, columns, links: true, colour: 'dark' }
    const { rows } = streamed(inPiecesOf(answer, 4), look, 24)
    expect(rows).toEqual(renderMarkdown(answer, look, 24))
    const prose = renderMarkdown(answer.replace(/^ *```[\s\S]*?^ *```|^ {4}.*$/gm, ''), look).map(withoutSequences)
    for (const row of prose) expect(stringWidth(row), row).toBeLessThanOrEqual(columns)
    for (const row of rows) expect(withoutSequences(row)).not.toMatch(/[ \t]$/)
  })
})

test('what is pending stays near the rows that may be', () => {
  const long = {
    code: `\`\`\`ts\n${'const a = 1\n'.repeat(300)}`,
    list: '- an item of a list\n'.repeat(300),
    nested: `- item\n${'  - nested item\n'.repeat(300)}`,
    paragraph: 'some words '.repeat(2_000),
    chinese: '终端里的中文段落没有空格，'.repeat(800),
    lines: 'a line\n'.repeat(300),
    table: `| a | b |\n|---|---|\n${'| cell | another |\n'.repeat(300)}`,
    quote: `> ${'some words '.repeat(2_000)}`,
    unclosed: `**${'some words '.repeat(2_000)}`,
    literal: `<div>\n${'line\n'.repeat(300)}`,
    item: `1. ${'some words '.repeat(2_000)}`
  }
  for (const [name, whole] of Object.entries(long)) {
    const { pendingMax } = streamed(inPiecesOf(whole, 7), plainLook, 20)
    expect(pendingMax, name).toBeLessThanOrEqual(name === 'unclosed' ? 60 : 32)
  }
})

test('the work grows with the text, not with its square', () => {
  const kinds = {
    answer: answer.repeat(20),
    words: 'some words of a paragraph '.repeat(3_200),
    chinese: '终端里的中文段落没有空格，'.repeat(6_000),
    unclosed: '**some words '.repeat(6_000),
    lines: 'ab\n'.repeat(27_000),
    table: `| a | b |\n|---|---|\n${'| cell | another |\n'.repeat(4_000)}`
  }
  for (const [name, whole] of Object.entries(kinds)) {
    let stream = newMarkdownStream()
    for (const part of inPiecesOf(whole, 4)) stream = advance(stream, part, { columns: 80, rowsMax: 24 }).stream
    expect(stream.work / whole.length, name).toBeLessThan(20)
  }
})

test('a stream is a value: continued twice, it gives the same twice', () => {
  const { stream } = advance(newMarkdownStream(), '- a\n- b\n\n```js\nlet', { columns: 80, rowsMax: 24 })
  const before = JSON.stringify(stream)
  const [first, second] = [0, 1].map(() => finish(advance(stream, ' a\n```\n', { columns: 80, rowsMax: 24 }).stream))
  expect(first).toEqual(second)
  expect(JSON.stringify(stream)).toBe(before)
  expect(JSON.parse(JSON.stringify(first))).toEqual(first)
})

test('a mark that may become something else is not shown before it is clear', () => {
  const pending = (whole: string) =>
    pendingOf(advance(newMarkdownStream(), whole, { columns: 80, rowsMax: 24 }).stream).map(({ block }) => block)
  expect(pending('text\n--')).toEqual([{ kind: 'paragraph', text: 'text' }])
  expect(pending('text\n-- more')).toEqual([{ kind: 'paragraph', text: 'text\n-- more' }])
  expect(pending('#')).toEqual([])
  expect(pending('```js\nlet a\n``')).toMatchObject([{ kind: 'code', lines: ['let a'] }])
  expect(pending('1')).toEqual([])
  expect(pending('text\n| a | b |')).toEqual([{ kind: 'paragraph', text: 'text' }])
  expect(pending('| a | b |\n|:----------|------')).toEqual([])
  expect(pending('| a | b |\n|---|---|\n')).toMatchObject([{ kind: 'table', header: ['a', 'b'] }])
})

test.each([
  ['a **bo', 'a **bo**'],
  ['a **', 'a '],
  ['a **bold*', 'a **bold**'],
  ['a `co', 'a `co`'],
  ['a ~~str', 'a ~~str~~'],
  ['see [the doc', 'see the doc'],
  ['see [the doc](https://exa', 'see the doc'],
  ['a * b', 'a * b'],
  ['**done** and *so', '**done** and *so*'],
  ['a[0] and', 'a[0] and']
])('what is pending looks as it will: %s', (source, shown) => {
  const { stream } = advance(newMarkdownStream(), source, { columns: 80, rowsMax: 24 })
  expect(pendingOf(stream)).toMatchObject([{ block: { kind: 'paragraph', text: shown } }])
  expect(finish(stream)).toMatchObject([{ block: { kind: 'paragraph', text: source } }])
})

test('CRLF, and a cut between its halves, is a newline; a lone CR is shown', () => {
  const look = { ...plainLook, columns: 40 }
  expect(streamed(['a\r', '\nb\r', 'c\r'], look, 24).rows).toEqual(['a', 'b␍c␍'])
})
