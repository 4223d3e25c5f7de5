import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { KEYS_HELP } from './look.js'
import { COMMANDS } from './registry.js'

const page = readFileSync(join(import.meta.dirname, '../../../../../docs/chat.md'), 'utf8')
/** Of each row of a table its first cell. */
const cells = page.split('\n').flatMap((line) => /^\| ((?:\\\||[^|])*) \|/.exec(line)?.[1] ?? [])

test('docs/chat.md names every command and what it takes', () => {
  const named = cells.map((cell) => cell.replace(/ \*$/, '').replaceAll('\\|', '|'))
  expect(named).toEqual(
    expect.arrayContaining(COMMANDS.map(({ name, takes }) => `\`/${[name, takes].filter(Boolean).join(' ')}\``))
  )
})

test('docs/chat.md marks with a star what has to wait for an answer', () => {
  for (const { name, whileBusy = false } of COMMANDS) {
    const cell = cells.find((one) => new RegExp(`^\`/${name}[ \`]`).test(one))
    expect({ name, waits: cell?.endsWith(' *') }).toEqual({ name, waits: !whileBusy })
  }
})

test('docs/chat.md names every key that /keys does', () => {
  expect(cells).toEqual(expect.arrayContaining(KEYS_HELP.map(([keys]) => keys)))
})
