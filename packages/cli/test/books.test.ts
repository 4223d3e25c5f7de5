import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHome, type Home, runCli } from './support/run-cli.js'

let home: Home

beforeEach(() => {
  home = createHome()
})
afterEach(() => home.remove())

const local = (...words: string[]) => runCli(['--local', ...words], { env: home.env })
/** Without a server, a key or a data directory: what a customer has is the file. */
const verify = (...words: string[]) =>
  runCli(['receipts', 'verify', ...words], { env: { ...home.env, CAICAINI_API_KEY: '' } })

/** A book with a grant and two charges, and where it lies. */
async function exportBook(): Promise<string> {
  await local('-q', '-m', 'haiku', 'say hello')
  await local('-q', '-m', 'opus', 'compare the two')
  const book = join(home.dir, 'book.jsonl')
  expect(await local('receipts', 'export', '-o', book)).toMatchObject({ code: 0, stdout: '' })
  return book
}

test('a customer checks the whole book with nothing but the file', async () => {
  const book = await exportBook()
  const report = await verify(book)
  expect(report).toMatchObject({ code: 0, stderr: '' })
  expect(report.stdout).toMatch(/^acct_\w+: 3 entries, 2 receipts, [\d.]+ credits charged$/m)
  expect(report.stdout).toContain('✓ each charge is the sum of its parts at the published rates')
  const head = /^head ([0-9a-f]{64})$/m.exec(report.stdout)?.[1] ?? ''
  expect(await verify(book, '--head', head)).toMatchObject({ code: 0 })
  expect(await verify(book, '--head', 'f'.repeat(64))).toMatchObject({ code: 1 })
})

test.each([
  ['a charge made smaller', '"credits":-0.', '"credits":-0.0', /is not what its hash was made of/],
  ['a receipt with other tokens', '"quantity":', '"quantity":1', /is not what its entries were made of/],
  ['another published price', '"output":5000000000', '"output":4000000000', /was published with 4000000000/],
  ['an entry left out', /^.*"kind":"grant".*\n/m, '', /comes first, but the export says that it is whole/]
])('%s is found', async (_what, from, to, finding) => {
  const book = await exportBook()
  const text = readFileSync(book, 'utf8')
  writeFileSync(book, text.replace(from, to))
  const report = await verify(book)
  expect(report.code).toBe(1)
  expect(report.stdout).toMatch(finding)
  expect(report.stderr).toMatch(/^caicaini: the book has \d+ differences?\n$/)
})

test('one receipt is checked by its own sum', async () => {
  await local('-q', '-m', 'haiku', 'say hello')
  const [line = ''] = (await local('receipts', 'list', '--json')).stdout.split('\n')
  const file = join(home.dir, 'receipt.json')
  writeFileSync(file, line)
  expect((await verify(file)).stdout).toMatch(/^req_\w+: ✓ its parts come to the 0\.\d+ credits charged\n$/)
  writeFileSync(file, line.replace(/"credits":[\d.]+/, '"credits":9'))
  expect(await verify(file)).toMatchObject({ code: 1, stderr: 'caicaini: the receipt does not add up\n' })
})

test.each([
  ['', 'is empty'],
  ['not json', 'line 1 is not JSON'],
  ['{"hello":1}', 'is neither a book nor a receipt']
])('a file that holds %j is said to be none', async (text, message) => {
  const file = join(home.dir, 'file')
  writeFileSync(file, text)
  const end = await verify(file)
  expect(end.code).toBe(2)
  expect(end.stderr).toContain(message)
  expect((await verify(join(home.dir, 'nowhere'))).stderr).toContain('cannot be read')
})

test('usage, receipts and the operator’s books agree', async () => {
  await exportBook()
  const usage = JSON.parse((await local('usage', '--by', 'model', '--json')).stdout)
  const receipts = (await local('receipts', 'list', '--json')).stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const micro = receipts.reduce((sum: number, { credits }) => sum + Math.round(credits * 1e6), 0)
  expect(Math.round(usage.total.credits * 1e6)).toBe(micro)
  expect((await local('usage', '--by', 'model')).stdout).toMatch(/^claude-opus-4-7 +[\d.]+ +1 /m)
  expect((await local('usage', '--csv')).stdout.split('\n')[0]).toMatch(/^day,requests,billed,failed,/)
  const audit = JSON.parse((await local('admin', 'ledger', 'audit', '--json')).stdout)
  expect(Math.round(Number(audit.totals.spent) * 1e6)).toBe(micro)
  const csv = (await local('admin', 'ledger', 'export', '--format', 'csv')).stdout
  expect(csv.split('\r\n').filter((row) => row.includes(',spend,'))).toHaveLength(2)
})

test('what operators take is in the book and in their log', async () => {
  await local('admin', 'users', 'create', 'ada')
  await local('admin', 'credits', 'grant', 'ada', '50')
  expect((await local('admin', 'credits', 'adjust', 'ada', '20', '--reason', 'granted twice')).stderr).toMatch(
    /^Took 20 credits/
  )
  const again = ['admin', 'credits', 'forfeit', 'ada', '--reason', 'closed', '--reference', 'closure']
  expect((await local(...again)).stderr).toMatch(/Balance: 0 credits\.\n$/)
  expect((await local(...again)).stderr).toMatch(/^Already taken under the reference "closure"/)
  expect((await local('admin', 'credits', 'adjust', 'ada', '1', '--reason', 'x')).code).toBe(2)
  expect((await local('admin', 'credits', 'adjust', 'ada', '1')).code).toBe(2)
  const { events } = JSON.parse((await local('admin', 'events', '--json')).stdout)
  expect(events.map(({ action }: { action: string }) => action)).toEqual([
    'credits.forfeit',
    'credits.adjust',
    'credits.grant',
    'user.create'
  ])
  expect(await local('admin', 'ledger', 'audit')).toMatchObject({ code: 0 })
})
