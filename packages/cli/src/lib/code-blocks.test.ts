import { expect, test } from 'vitest'
import { codeBlocks } from './code-blocks.js'

test('each fenced block comes out as it stands, in order', () => {
  const answer = 'First:\n```sh\nls -l\n```\nthen\n~~~\na\n\n```\nb\n~~~\n'
  expect(codeBlocks(answer)).toEqual(['ls -l\n', 'a\n\n```\nb\n'])
})

test('what a list indents a block by is left out, and no more', () => {
  expect(codeBlocks('1. do:\n   ```py\n   if x:\n       y\n   ```\n')).toEqual(['if x:\n    y\n'])
})

test('a longer fence holds a shorter one; a fence inside of a line is none', () => {
  expect(codeBlocks('````md\n```\nx\n```\n````\n')).toEqual(['```\nx\n```\n'])
  expect(codeBlocks('use ```x``` here\n```` `a` ```` no\n')).toEqual([])
})

test('a block that never ends is what came of it', () => {
  expect(codeBlocks('```\nhalf\n')).toEqual(['half\n'])
  expect(codeBlocks('```\n')).toEqual([''])
})
