import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { renderMarkdown, renderPiece } from './render.js'
import { advance, finish, newMarkdownStream } from './stream.js'
import { inPiecesOf, plainLook, streamed, withoutSequences } from './testing.js'

const SIZE = 10_000
const hostile: Record<string, string> = {
  'no newline': 'a'.repeat(100_000),
  'no newline, with marks': 'a_'.repeat(50_000),
  'no newline, in code': `\`\`\`js\n${'"'.repeat(100_000)}`,
  'no newline, in a heading': `# ${'word '.repeat(20_000)}`,
  'no newline, in a row': `| a | b |\n|---|---|\n|${'cell |'.repeat(16_000)}`,
  'no newline, wide': '中'.repeat(50_000),
  'one grapheme': `a${'\u0301'.repeat(50_000)}`,
  family: '👨‍'.repeat(20_000),
  'nested quotes': '>'.repeat(SIZE),
  'nested quotes, lines': Array.from({ length: 200 }, (_, depth) => `${'> '.repeat(depth)}x`).join('\n'),
  'nested lists': Array.from({ length: 200 }, (_, depth) => `${'  '.repeat(depth)}- x`).join('\n'),
  'lists on a line': '- '.repeat(SIZE),
  brackets: '['.repeat(SIZE),
  'closed brackets': '['.repeat(SIZE / 2) + ']'.repeat(SIZE / 2),
  links: '[a]('.repeat(SIZE),
  images: '!['.repeat(SIZE),
  stars: '*'.repeat(SIZE),
  'stars and letters': '*a '.repeat(SIZE),
  'strong and letters': '**a'.repeat(SIZE),
  underscores: '_a'.repeat(SIZE),
  backticks: Array.from({ length: 200 }, (_, count) => '`'.repeat(count)).join(' '),
  tildes: '~~a '.repeat(SIZE),
  dollars: '$a'.repeat(SIZE),
  hashes: `# a${'#'.repeat(SIZE)} b`,
  tags: '<a '.repeat(SIZE),
  comments: '<!-- '.repeat(SIZE),
  pipes: `${'|'.repeat(SIZE)}\n${'|-'.repeat(SIZE)}|\n`,
  'many columns': `${'|a'.repeat(500)}|\n${'|-'.repeat(500)}|\n${'|b'.repeat(500)}|\n`,
  fences: '```\n'.repeat(SIZE),
  'unclosed fence': `~~~~\n${'```\n'.repeat(SIZE)}`,
  surrogates: '\ud800a\udfff'.repeat(SIZE),
  escapes: '\u001b[2J\u001b]8;;x\u0007\u009b1m'.repeat(SIZE / 4),
  nulls: '\0'.repeat(SIZE),
  entities: '&#27;&#x9b;&#0;&#xd800;&#9999999;'.repeat(SIZE / 10),
  addresses: 'https://a.b/(('.repeat(SIZE / 2),
  mails: 'a@'.repeat(SIZE),
  backslashes: '\\'.repeat(SIZE),
  blanks: '\n'.repeat(SIZE),
  spaces: `${' '.repeat(SIZE)}x${' '.repeat(SIZE)}`,
  tabs: '\t'.repeat(SIZE)
}

test.each(Object.entries(hostile))('%s: bounded, quick, and no row carries a control character', (_, whole) => {
  const look = { ...plainLook, columns: 40, colour: 'dark', links: true } as const
  const { rows, pendingMax, work } = streamed(inPiecesOf(whole, 997), look, 20)
  expect(rows).toEqual(renderMarkdown(whole, look, 20))
  expect(pendingMax).toBeLessThan(200)
  expect(work / whole.length).toBeLessThan(60)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  for (const row of rows) expect(withoutSequences(row)).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/)
})

test('any text at all is drawn, in any look, and only code is wider than the terminal', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...'\n\n\n  >-*_`[]()|#<&$\\~\u001b\r\t:!中。')),
        {
          maxLength: 200
        }
      ),
      fc.record({
        columns: fc.constantFrom(1, 3, 20, 21, 80),
        colour: fc.constantFrom('none', 'dark', 'light'),
        links: fc.boolean(),
        plain: fc.boolean()
      }),
      (parts, look) => {
        const { rows } = streamed(parts, look, 5)
        expect(rows).toEqual(renderMarkdown(parts.join(''), look, 5))
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
        for (const row of rows) expect(withoutSequences(row)).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/)
        const { stream, finished } = advance(newMarkdownStream(), parts.join(''), { columns: look.columns, rowsMax: 5 })
        const prose = [...finished, ...finish(stream)].filter(({ block }) => block.kind !== 'code')
        for (const row of prose.flatMap((piece) => renderPiece(piece, look))) {
          if (look.columns > 3) expect(stringWidth(withoutSequences(row)), row).toBeLessThanOrEqual(look.columns)
        }
      }
    ),
    { numRuns: 500 }
  )
})

test.each([
  ['[x](javascript:alert%281%29)', false],
  ['[x](file:///etc/passwd)', false],
  ['[x](http://a.b/&#27;]8;;)', true],
  ['[x](https://a.b/é中)', true],
  ['<mailto:a@b.c>', true],
  ['[x](data:text/html,x)', false],
  ['[x](https://)', false]
])('%s: only known schemes become links, in printable ASCII', (source, isLink) => {
  const [row = ''] = renderMarkdown(source, { ...plainLook, links: true })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: our own sequence
  expect(/\u001b\]8;;[\x21-\x7e]+\u001b\\/.test(row)).toBe(isLink)
})

test('a text that looks like another address does not hide where it leads', () => {
  expect(
    renderMarkdown('[https://bank.example](https://evil.example)', { ...plainLook, links: true }).map(withoutSequences)
  ).toEqual(['https://bank.example (https://evil.example)'])
})
