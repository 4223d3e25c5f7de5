import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHome, type Home, runCli, startCli } from './support/run-cli.js'

let home: Home

beforeEach(() => {
  home = createHome()
})

afterEach(() => {
  home.remove()
})

const local = (words: string[], stdin = '') => runCli(['--local', ...words], { env: home.env, stdin })

async function balance(): Promise<number> {
  return JSON.parse((await local(['balance', '--json'])).stdout).balance
}

async function audit() {
  const { code, stdout } = await local(['admin', 'ledger', 'audit', '--json'])
  return { code, report: JSON.parse(stdout) }
}

test('an answer in this process is billed to the micro-credit', async () => {
  const end = await local(['-m', 'haiku', '--output-format', 'json', 'say hello'])
  expect(end.code).toBe(0)
  expect(end.stderr).toMatch(/^↳ haiku · \d+ in · \d+ out · 0\.\d+ credits · balance 9,999\.\d+ · sandbox\n$/)
  const { receipt } = JSON.parse(end.stdout)
  const spent = receipt.parts.reduce(
    (sum: bigint, part: { quantity: number; rate: number }) => sum + BigInt(part.quantity) * BigInt(part.rate),
    0n
  )
  expect(receipt.credits).toBe(Number((spent + 999_999n) / 1_000_000n) / 1e6)
  expect(await balance()).toBe(Number((10_000 - receipt.credits).toFixed(6)))
  expect(await local(['receipts', 'show', receipt.request_id, '--json'])).toMatchObject({ code: 0 })
  expect(await audit()).toMatchObject({ code: 0, report: { ok: true, receipts: 1, holds_open: 0 } })
})

test('a data directory is its own world', async () => {
  const other = `${home.dir}/other data`
  expect((await local(['--data', other, 'balance'])).stdout).toBe('10,000 credits\n')
  expect((await local(['admin', 'credits', 'grant', 'owner', '5', '--data', other])).code).toBe(0)
  expect((await local(['balance', '--data', other])).stdout).toBe('10,005 credits\n')
  expect((await local(['balance'])).stdout).toBe('10,000 credits\n')
})

test('Ctrl-C bills what was delivered, says so and leaves nothing held', async () => {
  const { child, ended, printed } = startCli(['--local', '--no-stdin', '[sandbox slow 30] [sandbox words 500]'], {
    env: home.env
  })
  await printed('word9 ')
  child.kill('SIGINT')
  const end = await ended
  expect(end.code).toBe(130)
  expect(end.stdout).not.toContain('word499')
  expect(end.stderr).toMatch(/^↳ .* · estimated\n$/)
  expect(await audit()).toMatchObject({ code: 0, report: { ok: true, holds_open: 0, receipts: 1 } })
})

test('a reader that has enough is billed what it got', async () => {
  const { child, ended, printed } = startCli(['--local', '--no-stdin', '[sandbox slow 30] [sandbox words 500]'], {
    env: home.env
  })
  await printed('word9 ')
  child.stdout.destroy()
  expect(await ended).toMatchObject({ code: 0, stderr: '' })
  expect(await audit()).toMatchObject({ code: 0, report: { ok: true, holds_open: 0, receipts: 1 } })
})

test.each([
  ['cut', 'half of it stays'],
  ['fail 400', '']
])('a provider that does "%s" costs nothing', async (trouble) => {
  const end = await local(['-m', 'haiku', `[sandbox ${trouble}] hello`])
  expect(end.code).toBe(trouble === 'cut' ? 7 : 2)
  expect(end.stderr).toMatch(/^caicaini: /m)
  expect(await balance()).toBe(10_000)
  expect(await audit()).toMatchObject({ code: 0, report: { ok: true, holds_open: 0 } })
})

test('two terminals share one data directory without losing or doubling a credit', async () => {
  await local(['balance'])
  const ask = async () => {
    const { code, stdout } = await local(['-m', 'haiku', '--output-format', 'json', '[sandbox words 20]'])
    expect(code).toBe(0)
    return JSON.parse(stdout).receipt.credits as number
  }
  const spent = await Promise.all(Array.from({ length: 4 }, ask))
  const total = spent.reduce((sum, credits) => sum + Math.round(credits * 1e6), 0)
  expect(Math.round((await balance()) * 1e6)).toBe(10_000_000_000 - total)
  expect(await audit()).toMatchObject({ code: 0, report: { ok: true, receipts: 4, holds_open: 0 } })
})

test('a catalog that cannot be read stops the start and is named', async () => {
  const env = { ...home.env, CAICAINI_CATALOG: `${home.dir}/none.json` }
  const end = await runCli(['--local', 'balance'], { env })
  expect(end.code).toBeGreaterThan(0)
  expect(end.stderr).toContain('none.json')
  expect(end.stderr).not.toContain('unexpected')
})

test("CAICAINI_DEBUG=1 shows the embedded server's log, which is silent else", async () => {
  const loud = await runCli(['--local', 'hi'], { env: { ...home.env, CAICAINI_DEBUG: '1' } })
  expect(loud.stderr).toMatch(/^\{"level":30,.*"status":"complete".*\}$/m)
  expect((await local(['hi'])).stderr).toMatch(/^↳ [^\n]*\n$/)
})
