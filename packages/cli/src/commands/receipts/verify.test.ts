import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runToExitCode } from '../../run-process.js'
import { receiptOf } from '../../testing/play-transport.js'
import { createTestContext } from '../../testing/test-context.js'

async function verify(...lines: unknown[]) {
  const t = createTestContext()
  const file = join(t.home, 'book.jsonl')
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'))
  const exit = await runToExitCode(['receipts', 'verify', file], t.facts)
  return { exit, out: t.stdout(), err: t.stderr() }
}

const account = { type: 'account', version: 1, account_id: 'acct_1', since: null, entries: 0, head: null }

test('an empty book is whole, and its name is obeyed by no terminal', async () => {
  expect(await verify(account)).toMatchObject({ exit: 0, err: '' })
  const { exit, out } = await verify({ ...account, account_id: '\u001b]0;gone\u0007' })
  expect(exit).toBe(0)
  expect(out).toContain('␛]0;gone␇: 0 entries')
})

test.each([null, 1, { type: 'note' }, { type: 'entry' }])('a line that is %j is a difference', async (line) => {
  const { exit, err } = await verify(account, line)
  expect(exit).toBe(1)
  expect(err).toMatch(/^caicaini: the book has \d differences?\n$/)
})

test('a receipt whose figures are none does not add up', async () => {
  const parts = [{ kind: 'input', quantity: 0.5, rate: 1 }]
  expect(await verify(receiptOf({ parts }))).toMatchObject({ exit: 1, err: 'caicaini: the receipt does not add up\n' })
})
