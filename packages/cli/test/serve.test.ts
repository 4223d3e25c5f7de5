import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHome, type Home, runCli, type Started, startCli, startServing } from './support/run-cli.js'

let home: Home
let serving: Started | undefined

beforeEach(() => {
  home = createHome()
})

afterEach(async () => {
  serving?.child.kill('SIGKILL')
  await serving?.ended
  serving = undefined
  home.remove()
})

/** `caicaini serve` on a free port; its address and what it printed. */
async function serve(...words: string[]): Promise<{ url: string; started: Started }> {
  const { url, serving: started } = await startServing(words, { env: home.env })
  serving = started
  return { url, started }
}

const local = (words: string[]) => runCli(['--local', ...words], { env: home.env })

test('signing in, asking, and a revoked key', async () => {
  const { url } = await serve()
  const { stdout: key } = await local(['keys', 'create', '--name', 'laptop', '--scope', 'cli'])
  const login = await runCli(['auth', 'login', '--with-token', '--base-url', url], { env: home.env, stdin: key })
  expect(login).toMatchObject({ code: 0, stdout: '' })
  const credentials = `${home.dir}/.config/caicaini/credentials.json`
  expect(login.stderr).toContain(credentials)
  expect(statSync(credentials).mode & 0o777).toBe(0o600)
  expect(readFileSync(credentials, 'utf8')).toContain(key.trim())

  const answer = await runCli(['review', '-m', 'haiku'], { env: home.env, stdin: 'diff --git a b\n' })
  expect(answer).toMatchObject({ code: 0 })
  expect(answer.stdout).toContain('Your message has 7 words')
  expect(answer.stderr).toMatch(/^↳ haiku · .* · sandbox\n$/)
  expect(JSON.parse((await runCli(['auth', 'status', '--json'], { env: home.env })).stdout)).toMatchObject({
    signed_in: true,
    server: url,
    account: { username: 'owner' }
  })

  expect(await local(['keys', 'revoke', 'laptop'])).toMatchObject({ code: 0 })
  const refused = await runCli(['again'], { env: home.env })
  expect(refused).toMatchObject({ code: 4, stdout: '' })
  expect(refused.stderr).toContain('revoked')
})

test('a key cannot do what only the owner may, and the server says so', async () => {
  const { url } = await serve()
  const { stdout } = await local(['keys', 'create', '--name', 'script'])
  const env = { ...home.env, CAICAINI_BASE_URL: url, CAICAINI_API_KEY: stdout.trim() }
  for (const words of [
    ['admin', 'users', 'list'],
    ['keys', 'disable', 'script']
  ]) {
    const end = await runCli(words, { env })
    expect(end).toMatchObject({ code: 4, stdout: '' })
    expect(end.stderr).toContain('--local')
  }
  expect((await runCli(['models'], { env })).stdout).toContain('caicaini/auto')
  expect((await runCli(['balance'], { env })).stdout).toMatch(/^10,000 credits/)
})

test('a key of the command line may list and revoke keys, itself among them', async () => {
  const { url } = await serve()
  const { stdout } = await local(['keys', 'create', '--name', 'mine', '--scope', 'cli'])
  await local(['keys', 'create', '--name', 'lost'])
  const env = { ...home.env, CAICAINI_BASE_URL: url, CAICAINI_API_KEY: stdout.trim() }
  expect(await runCli(['keys', 'revoke', 'lost'], { env })).toMatchObject({ code: 0 })
  expect((await runCli(['keys', 'list'], { env })).stdout).toMatch(/lost .* revoked/)
  expect(await runCli(['keys', 'revoke', 'mine'], { env })).toMatchObject({ code: 0 })
  expect(await runCli(['keys', 'list'], { env })).toMatchObject({ code: 4, stdout: '' })
})

test('a key that has spent its quota is exit 5', async () => {
  const { url } = await serve()
  const { stdout } = await local(['keys', 'create', '--name', 'small', '--quota', '0.001'])
  const env = { ...home.env, CAICAINI_BASE_URL: url, CAICAINI_API_KEY: stdout.trim() }
  const end = await runCli(['hello', '-m', 'opus'], { env })
  expect(end).toMatchObject({ code: 5, stdout: '' })
  expect(end.stderr).toMatch(/quota/)
})

test('on a new data directory it says how to own it, once, and the curl line works as pasted', async () => {
  const { url, started } = await serve()
  const printed = started.stderr()
  expect(printed).toContain('This data directory is new')
  expect(printed).toContain(`${home.dir}/.local/share/caicaini`)
  expect(printed).toContain(
    `curl -N ${url}/v1/messages -H "x-api-key: $(npx caicaini --local keys create --name curl)"`
  )
  const body = /-d '(.*)'/.exec(printed)?.[1]
  const { stdout: key } = await local(['keys', 'create', '--name', 'curl'])
  const headers = { 'x-api-key': key.trim(), 'content-type': 'application/json' }
  const response = await fetch(`${url}/v1/messages`, { method: 'POST', headers, body: body ?? '' })
  expect(await response.text()).toMatch(/^: caicaini-receipt \{.*\}$/m)
  started.child.kill('SIGTERM')
  expect(await started.ended).toMatchObject({ code: 0, stdout: '' })

  const { started: again } = await serve()
  expect(again.stderr()).not.toContain('This data directory is new')
})

test('stopping lets a running answer come to its end', async () => {
  const { url, started } = await serve()
  const { stdout: key } = await local(['keys', 'create', '--name', 'k'])
  const env = { ...home.env, CAICAINI_BASE_URL: url, CAICAINI_API_KEY: key.trim() }
  const asking = startCli(['[sandbox slow 20] [sandbox words 60]', '--no-stdin'], { env })
  await asking.printed('word9 ')
  started.child.kill('SIGINT')
  expect(await asking.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('word60') })
  expect(await started.ended).toMatchObject({ code: 0 })
  const { stdout } = await local(['admin', 'ledger', 'audit', '--json'])
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, holds_open: 0, receipts: 1 })
})

test('a port that is taken is named', async () => {
  const { url } = await serve()
  const end = await runCli(['serve', '--port', new URL(url).port], {
    env: { ...home.env, CAICAINI_DATA_DIR: `${home.dir}/2` }
  })
  expect(end.code).toBeGreaterThan(0)
  expect(end.stderr).toContain(new URL(url).port)
  expect(end.stderr).not.toContain('unexpected')
})

test('a plan without the command refuses it and names one that has it: exit 9; what is to come is said beside the balance', async () => {
  const { url } = await serve()
  await local(['admin', 'users', 'create', 'ada', '--plan', 'starter'])
  const { stdout: key } = await local(['keys', 'create', '--name', 'k', '--user', 'ada'])
  const env = { ...home.env, CAICAINI_BASE_URL: url, CAICAINI_API_KEY: key.trim() }
  const refused = await runCli(['say hello'], { env })
  expect(refused).toMatchObject({ code: 9, stdout: '' })
  expect(refused.stderr).toBe('caicaini: the plan Starter does not include the caicaini command; the plan Pro does\n')
  // Signing in, and what one has, is on every plan.
  expect(await runCli(['auth', 'status'], { env })).toMatchObject({ code: 0 })
  expect((await runCli(['balance', '--details'], { env })).stdout).toMatch(
    /^subscription +[\d.,]+ .* subscription:sub_/m
  )
  expect((await runCli(['plans'], { env })).stdout).toMatch(/^starter .* yours$/m)
})

test('SIGHUP and a command read the catalog again; a bad one is refused by its fault, and the server goes on', async () => {
  const catalog = `${home.dir}/catalog.json`
  const shipped = readFileSync(new URL('../../server/src/catalog/default-catalog.json', import.meta.url), 'utf8')
  writeFileSync(catalog, shipped)
  const { url, started } = await serve('--catalog', catalog)
  const { stdout: key } = await local(['keys', 'create', '--name', 'k'])
  const env = { ...home.env, CAICAINI_BASE_URL: url, CAICAINI_API_KEY: key.trim() }
  const models = async () => (await runCli(['models'], { env })).stdout

  writeFileSync(catalog, shipped.replaceAll('"haiku"', '"tiny"'))
  started.child.kill('SIGHUP')
  await started.printed('SIGHUP: the catalog was reloaded')
  expect(await models()).toMatch(/^claude-haiku-4-5 .*tiny/m)

  writeFileSync(catalog, '{"version": 2}')
  started.child.kill('SIGHUP')
  await started.printed('catalog.json: version: must be 1')
  const refused = await local(['admin', 'catalog', 'reload'])
  expect(refused).toMatchObject({ code: 2, stdout: expect.stringMatching(/^inst_.*refused/) })
  expect(refused.stderr).toContain('catalog.json: version: must be 1')
  expect(await models()).toMatch(/^claude-haiku-4-5 .*tiny/m)

  writeFileSync(catalog, shipped)
  const done = await local(['admin', 'catalog', 'reload'])
  expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/^inst_\w+, pid \d+: reloaded\n$/) })
  expect(await models()).toMatch(/^claude-haiku-4-5 .*haiku, /m)
  started.child.kill('SIGTERM')
  expect(await started.ended).toMatchObject({ code: 0 })
  expect((await local(['admin', 'catalog', 'reload'])).stderr).toContain('No server is running')
})

test('how the providers are doing is told beside a running server, and without one', async () => {
  await serve()
  const { stdout, stderr } = await local(['admin', 'providers'])
  expect(stderr).toMatch(/^inst_\w+ on \S+, pid \d+/)
  expect(stdout).toMatch(/^sandbox +claude-haiku-4-5 +0 +0 +– +– +closed$/m)
  const test = await local(['admin', 'providers', 'test', 'anthropic'])
  expect(test).toMatchObject({ code: 7, stdout: '' })
  expect(test.stderr).toContain('set ANTHROPIC_API_KEY')
})
