import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CLI, createHome, type Home, runCli, startCli, startServing } from './support/run-cli.js'
import { KEYS, openTerminal } from './support/terminal.js'

let home: Home

beforeEach(() => {
  home = createHome()
})

afterEach(() => home.remove())

/** What a tool does: asks by the variables it finds, as an agent of its own, and tells the status. */
const ASK = `
const { ANTHROPIC_BASE_URL: base, ANTHROPIC_AUTH_TOKEN: key } = process.env
globalThis.ask = async (agent) => {
  const body = JSON.stringify({ model: 'haiku', max_tokens: 64, messages: [{ role: 'user', content: 'hi' }] })
  const headers = { authorization: 'Bearer ' + key, 'content-type': 'application/json', ...(agent && { 'x-claude-code-agent-id': agent }) }
  const response = await fetch(base + '/v1/messages', { method: 'POST', headers, body })
  return response.status + ' ' + ((await response.json()).error?.code ?? 'ok')
}
`
const node = (script: string) => ['node', '-e', `${ASK}(async () => {${script}})()`]
const local = (...words: string[]) => runCli(['--local', ...words], { env: home.env })

test('a tool runs on this account by a key of its own, which ends with it', async () => {
  const script = `
    console.log(await ask(), await ask('sub'))
    console.log(process.env.OPENAI_BASE_URL === base + '/v1', process.env.CAICAINI_API_KEY === key, key)
    process.exit(7)`
  const end = await local('run', '--max-credits', '50', '--', ...node(script))
  expect(end.code).toBe(7)
  expect(end.stdout).toMatch(/^200 ok 200 ok\ntrue true cai_api_\w{36}\n$/)
  expect(end.stderr).toMatch(/^node may spend 50 credits · caicaini run raise N\n/)
  expect(end.stderr).toMatch(/^AGENT +CREDITS +REQUESTS +IN +OUT\n(main|sub) .*\n(main|sub) /m)
  expect(end.stderr).toMatch(/↳ node · 0\.\d\d of 50 credits · 2 requests\n$/)
  const key = end.stdout.trim().split(' ').at(-1) ?? ''
  const { url, serving } = await startServing([], { env: home.env })
  const refused = await fetch(`${url}/v1/models`, { headers: { 'x-api-key': key } })
  expect([refused.status, await refused.text()]).toEqual([401, expect.stringContaining('revoked_key')])
  serving.child.kill('SIGTERM')
  await serving.ended
  const { total } = JSON.parse((await local('usage', '--by', 'session', '--json')).stdout)
  expect(total.requests).toBe(2)
  expect(JSON.parse((await local('admin', 'ledger', 'audit', '--json')).stdout)).toMatchObject({
    ok: true,
    holds_open: 0
  })
})

test('the cap is hard, and is raised while it runs', async () => {
  const script = `
    let told
    for (;;) { told = await ask(); if (told !== '200 ok') break }
    console.log(told)
    process.stdin.once('data', async () => { console.log('after', await ask()); process.exit() })`
  const running = startCli(['--local', 'run', '--max-credits', '0.5', '--', ...node(script)], { env: home.env })
  await running.printed('402 ')
  expect(await local('run', 'raise', '5', '--session', 'key_none')).toMatchObject({ code: 2 })
  const raised = await local('run', 'raise', '5')
  expect(raised.stdout).toMatch(/^run node: 5\.5 credits in all, 0\.\d+ credits of which are spent\n$/)
  running.child.stdin.end('\n')
  const end = await running.ended
  expect(end.code).toBe(0)
  expect(end.stdout).toMatch(/^402 key_quota\nafter 200 ok\n$/)
  expect(end.stderr).toMatch(/of 5\.5 credits/)
  expect(await local('run', 'raise', '5')).toMatchObject({ code: 2, stderr: 'caicaini: nothing runs by this key\n' })
})

test('signals reach it, and it ends us as it ends', async () => {
  const script =
    "process.on('SIGTERM', () => { console.log('told'); process.exit(3) }); setInterval(() => {}, 1e6); console.log('ready')"
  const running = startCli(['--local', 'run', '-q', '--', ...node(script)], { env: home.env })
  await running.printed('ready')
  running.child.kill('SIGTERM')
  expect(await running.ended).toMatchObject({ code: 3, stdout: 'ready\ntold\n', stderr: '' })
  const killed = await local('run', '-q', '--', 'node', '-e', "process.kill(process.pid, 'SIGKILL')")
  expect(killed.code).toBe(137)
  expect(await local('run', '-q', '--', 'no-such-tool')).toMatchObject({
    code: 127,
    stderr: 'caicaini: no-such-tool: there is no such command\n'
  })
})

test('Ctrl-C of a terminal reaches it once, and it decides what that means', async () => {
  const script = `
    let n = 0
    process.on('SIGINT', () => { console.log('int ' + ++n); setTimeout(() => { console.log('left ' + n); process.exit() }, 200) })
    setInterval(() => {}, 1e6); console.log('ready')`
  const terminal = openTerminal(['--local', 'run', '-q', '--', 'node', '-e', script], { env: home.env })
  await terminal.until('ready')
  terminal.type(KEYS.ctrlC)
  await terminal.until('left 1')
  terminal.close()
})

test('through a server of another process, labelled with the repository', async () => {
  const { url, serving } = await startServing([], { env: home.env })
  const made = await local('keys', 'create', '--name', 'me')
  const env = { ...home.env, CAICAINI_BASE_URL: url, CAICAINI_API_KEY: made.stdout.trim() }
  const git = (...args: string[]) => execFileSync('/usr/bin/git', args, { cwd: home.dir })
  git('init', '-q', '-b', 'main')
  git('remote', 'add', 'origin', 'git@github.com:acme/app.git')
  const inside = (...words: string[]) => runCli(words, { env, cwd: home.dir })
  const end = await inside('run', '--max-credits', '5', '--', ...node('console.log(await ask())'))
  expect(end).toMatchObject({ code: 0, stdout: '200 ok\n' })
  // A command of ours inside of it spends from the same cap.
  const own = await inside('run', '-q', '--max-credits', '50', '--', 'node', CLI, '-q', '-m', 'haiku', 'hi')
  expect(own.stdout).toContain('sandbox')
  const rowsBy = async (by: string) =>
    JSON.parse((await inside('usage', '--by', by, '--json')).stdout).rows.map((row: { name: string }) => row.name)
  expect(await rowsBy('repo')).toEqual(['github.com/acme/app'])
  expect(await rowsBy('branch')).toEqual(['github.com/acme/app#main'])
  expect(await rowsBy('session')).toEqual(['run node'])
  const lines = (await inside('env', '--shell', 'bash')).stdout
  expect(lines).toContain(`export ANTHROPIC_BASE_URL='${url}'\n`)
  expect(lines).toContain(`export OPENAI_BASE_URL='${url}/v1'\n`)
  serving.child.kill('SIGTERM')
  await serving.ended
})

test('without a command, or without a key to give, it says so', async () => {
  expect((await local('run')).code).toBe(2)
  expect(await local('env')).toMatchObject({ code: 2, stderr: expect.stringContaining('caicaini --local run') })
})
