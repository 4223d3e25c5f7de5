import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { loadHighlighter, wantsHighlighter } from './highlight.js'
import { type MarkdownLook, renderMarkdown } from './render.js'
import { advance, newMarkdownStream, pendingOf } from './stream.js'
import { answer, inPiecesOf, streamed, withoutSequences } from './testing.js'

const highlight = await loadHighlighter()
const dark: MarkdownLook = { columns: 80, colour: 'dark', links: true, plain: false, highlight }

/** Rows with ESC as `^`, so that a failure can be read. */
function drawn(source: string, look: Partial<MarkdownLook> = {}): string[] {
  return renderMarkdown(source, { ...dark, ...look }).map((row) => row.replaceAll('\u001b', '^'))
}

describe.each([40, 80])('the long answer at %i columns', (columns) => {
  test.each(['dark', 'none'] as const)('%s', async (colour) => {
    const rows = drawn(answer, { columns, colour, links: colour === 'dark' })
    await expect(`${rows.join('\n')}\n`).toMatchFileSnapshot(`fixtures/answer-${columns}-${colour}.txt`)
  })
})

test('the long answer for a screen reader', async () => {
  const rows = drawn(answer, { plain: true, colour: 'none', columns: 60 })
  await expect(`${rows.join('\n')}\n`).toMatchFileSnapshot('fixtures/answer-plain.txt')
  expect(rows.join('')).not.toMatch(/[─│┼]|\*\*|\^\[/)
})

test('colours in code are the same streamed as whole, across the highlighter’s windows', () => {
  const code = `\`\`\`ts\n${Array.from({ length: 30 }, (_, n) => `/* a\ncomment */ const a${n} = \`x\n\${1}y\``).join('\n')}\n\`\`\``
  const rows = streamed(inPiecesOf(code, 5), dark, 20).rows
  expect(rows).toEqual(renderMarkdown(code, dark, 1_000))
  expect(rows[1]).toBe('\u001b[90mcomment */\u001b[0m \u001b[95mconst\u001b[0m a0 = \u001b[32m`x\u001b[0m')
})

test('the highlighter is wanted as soon as code with a language begins', () => {
  const pending = (source: string) =>
    pendingOf(advance(newMarkdownStream(), source, { columns: 80, rowsMax: 24 }).stream).some(wantsHighlighter)
  expect(pending('```ts\n')).toBe(true)
  expect(pending('```\nlet')).toBe(false)
  expect(drawn('```ts\nlet a\n```', { highlight: () => undefined })).toEqual(['^[36mlet a^[0m'])
  expect(drawn('```unheard-of\nlet a\n```')).toEqual(['^[36mlet a^[0m'])
})

test('a copy of a code block is the code', () => {
  const code = ['def f():', '\treturn "a  b"', '', '    # 中文 👨‍👩‍👧', 'x'.repeat(300)]
  const source = `Text:\n\`\`\`py\n${code.join('\n')}\n\`\`\`\nmore`
  expect(renderMarkdown(source, dark).map(withoutSequences)).toEqual(['Text:', '', ...code, '', 'more'])
})

test.each([
  ['strong, emphasis, strike', '**a** *b* ~~c~~ ***d***', '^[1ma^[0m ^[3mb^[0m ^[9mc^[0m ^[1;3md^[0m'],
  ['code keeps what it holds', '`a**b**&amp;`', '^[36ma**b**&amp;^[0m'],
  ['strong beside Chinese', '请**注意：**这里', '请^[1m注意：^[0m这里'],
  ['names with underscores', 'snake_case_name and 2*3*4', 'snake_case_name and 2^[3m3^[0m4'],
  ['a link', '[x](https://a.b/)', '^]8;;https://a.b/^\\^[4mx^[0m^]8;;^\\'],
  ['an address before Chinese', 'https://a.b/x，然后', '^]8;;https://a.b/x^\\^[4mhttps://a.b/x^[0m^]8;;^\\，然后'],
  ['references stay', '[a][1] and [b]', '[a][1] and [b]'],
  [
    'mathematics',
    'so $a_1*b$ and $c_2*d$, \\(x*y*z\\), for $5 or $10',
    'so $a_1*b$ and $c_2*d$, \\(x*y*z\\), for $5 or $10'
  ],
  ['HTML', 'a <b>c</b><br>d', 'a <b>c</b>\nd'],
  ['a heading', '## Two `c` ##', '^[1;94mTwo ^[0m^[1;36mc^[0m'],
  ['a hash without a space', '#tag', '#tag'],
  ['a rule', '***', `^[2m${'─'.repeat(40)}^[0m`],
  ['an image', '![alt](https://a.b/)', '^]8;;https://a.b/^\\^[4malt^[0m^]8;;^\\ (https://a.b/)'],
  ['an escape made of an entity', '&#27;[31m &#x9b;1m', '␛[31m \\x9b1m']
])('%s', (_, source, expected) => {
  expect(drawn(source).join('\n')).toBe(expected)
})

test('without links the address follows its text, unless it is the text', () => {
  const look = { links: false, colour: 'none' } as const
  expect(drawn('[x](https://a.b) <https://a.b> https://c.d [m@a.b](mailto:m@a.b) [f](src/f.ts)', look)).toEqual([
    'x (https://a.b) https://a.b https://c.d m@a.b f (src/f.ts)'
  ])
})

describe('lists', () => {
  const rows = (source: string, columns = 80) => drawn(source, { colour: 'none', columns })

  test('numbers go on, also where all are written 1, and begin where the first does', () => {
    expect(rows('1. a\n1. b\n1. c\n\ntext\n\n7. d\n8. e')).toEqual([
      '1. a',
      '2. b',
      '3. c',
      '',
      'text',
      '',
      '7. d',
      '8. e'
    ])
  })

  test('blank lines between items are as written', () => {
    expect(rows('- a\n\n- b\n- c\n\n\n\n- d')).toEqual(['- a', '', '- b', '- c', '', '- d'])
  })

  test('items hang under their text; tasks keep their boxes', () => {
    expect(rows('10. one two three\n    - [x] four five six', 12)).toEqual([
      '10. one two',
      '    three',
      '    - [x]',
      '      four',
      '      five',
      '      six'
    ])
  })

  test('code in an item keeps its place and its own indentation', () => {
    expect(rows('1. a\n\n   ```sh\n   if x\n     y\n   ```\n2. b')).toEqual([
      '1. a',
      '',
      '   ```sh',
      '   if x',
      '     y',
      '   ```',
      '2. b'
    ])
  })

  test('an item without content, lists on one line, a quote in a list', () => {
    expect(rows('- \n- a')).toEqual(['-', '- a'])
    expect(rows('- 1. a')).toEqual(['- 1. a'])
    expect(rows('- > a\n  > b')).toEqual(['- > a', '  > b'])
  })

  test('a number or a dash within a sentence begins no list', () => {
    expect(rows('The answer is\n42. Not a list.')).toEqual(['The answer is', '42. Not a list.'])
  })
})

describe('tables', () => {
  const rows = (source: string, columns = 80) => drawn(source, { colour: 'none', columns })

  test('columns stand under each other whatever the letters', () => {
    const table =
      '| 名 | n |\n|:-:|--:|\n| 中文字 | 1 |\n| 👨‍👩‍👧 | 22 |\n| 🇨🇳 | 3 |\n| e\u0301 | 4 |\n| ❤️ | 5 |\n| ｱ | \u001b[2J |'
    const all = rows(table)
    expect(all.map((row) => stringWidth(row.slice(0, row.search(/[│┼]/))))).toEqual(Array(8).fill(7))
    expect(all.at(-1)).toBe('  ｱ    │ ␛[2J')
  })

  test('too wide, cells wrap; wider still, each row becomes a record', () => {
    const wide = '| a | b |\n|---|---|\n| some words to wrap | other words to wrap |\n| x | y |'
    expect(rows(wide, 25)).toEqual([
      'a           │ b',
      '────────────┼────────────',
      'some words  │ other words',
      'to wrap     │ to wrap',
      '────────────┼────────────',
      'x           │ y'
    ])
    const many = `|${'head|'.repeat(8)}\n|${'-|'.repeat(8)}\n|${'value|'.repeat(8)}\n|${'value|'.repeat(8)}`
    expect(rows(many, 40)).toEqual([...Array(8).fill('head: value'), '', ...Array(8).fill('head: value')])
  })

  test('rows with too few or too many cells, pipes in cells, no outer pipes', () => {
    expect(rows('a | b\n--- | ---\n1\n1 | 2 | 3\n`x \\| y` | z')).toEqual([
      'a       │ b',
      '────────┼──',
      '1       │',
      '1       │ 2',
      '`x | y` │ z'
    ])
  })

  test('a lone pipe and a line of dashes are no table', () => {
    expect(rows('a | b\n\n|\n\nx')).toEqual(['a | b', '', '|', '', 'x'])
  })
})

test('no row begins with a closing mark or ends with an opening one', () => {
  const chinese = '他说：“今天天气很好，我们（和朋友们）去公园吧。”然后就走了、笑了；再见！'.repeat(5)
  for (const columns of [20, 21, 22, 23, 24, 25]) {
    const rows = drawn(chinese, { columns, colour: 'none' })
    for (const row of rows) {
      expect(row).not.toMatch(/^[，。、；！）”]|[（“]$/)
      expect(stringWidth(row)).toBeLessThanOrEqual(columns)
    }
    expect(rows.join('')).toBe(chinese)
  }
})
