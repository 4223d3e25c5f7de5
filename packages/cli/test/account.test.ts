import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHome, type Home, runCli, type Started, startServing } from './support/run-cli.js'

let home: Home
let serving: Started
let env: Record<string, string>
let url: string

beforeEach(async () => {
  home = createHome()
  ;({ serving, url } = await startServing([], { env: { ...home.env, CAICAINI_CAPTCHA: 'off' } }))
  await runCli(['--local', 'admin', 'users', 'create', 'ann', '--plan', 'pro'], { env: home.env })
  const { stdout } = await runCli(['--local', 'keys', 'create', '--name', 'k', '--scope', 'cli', '--user', 'ann'], {
    env: home.env
  })
  env = { ...home.env, CAICAINI_BASE_URL: url, CAICAINI_API_KEY: stdout.trim() }
})
afterEach(async () => {
  serving.child.kill('SIGKILL')
  await serving.ended
  home.remove()
})

test('account show says who it is', async () => {
  const { code, stdout } = await runCli(['account', 'show'], { env })
  expect(code).toBe(0)
  expect(stdout).toMatch(/^username\s+ann$/m)
  expect(stdout).toMatch(/^plan\s+pro$/m)
  expect(JSON.parse((await runCli(['account', 'show', '--json'], { env })).stdout)).toMatchObject({
    username: 'ann',
    email: null
  })
})

test('account export writes one ZIP', async () => {
  const file = join(home.dir, 'mine.zip')
  const { code, stdout, stderr } = await runCli(['account', 'export', '-o', file], { env })
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(stderr).toContain(`is in ${file}`)
  expect(readFileSync(file).subarray(0, 2).toString()).toBe('PK')
})

test('account close says what it would mean, and changes nothing', async () => {
  const { code, stdout, stderr } = await runCli(['account', 'close'], { env })
  expect(code).toBe(0)
  expect(stdout).toBe(`${url}/account/close\n`)
  expect(stderr).toMatch(/[\d,.]+ credits would be forfeited/)
  expect((await runCli(['account', 'show'], { env })).stdout).toMatch(/^status\s+active$/m)
})

test('people’s requests about data are listed and answered', async () => {
  const body = new URLSearchParams({ kind: 'erase', email: 'someone@example.org', message: 'please' })
  const headers = { 'sec-fetch-site': 'same-origin' }
  await fetch(`${url}/privacy/request`, { method: 'POST', body, headers })
  const { requests } = JSON.parse(
    (await runCli(['--local', 'admin', 'requests', 'list', '--json'], { env: home.env })).stdout
  )
  expect(requests).toMatchObject([{ kind: 'erase', contact: 'someone@example.org' }])
  const done = await runCli(['--local', 'admin', 'requests', 'close', requests[0].id, '--outcome', 'erased'], {
    env: home.env
  })
  expect(done).toMatchObject({ code: 0 })
  const { stderr } = await runCli(['--local', 'admin', 'requests', 'list'], { env: home.env })
  expect(stderr).toContain('Nobody waits')
})
