import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { env as machineEnv } from 'node:process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHome, type Home } from './support/run-cli.js'

const ROOT = resolve(import.meta.dirname, '../../..')

let home: Home
let children: ChildProcess[] = []

beforeEach(() => {
  home = createHome()
})

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  home.remove()
})

interface Run {
  readonly child: ChildProcess
  readonly stderr: () => string
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>
}

/** npm as a person runs it in the checkout; `input` null leaves stdin empty and closed. */
function npm(
  args: string[],
  { cwd = ROOT, input = null, env = {} }: { cwd?: string; input?: string | null; env?: object } = {}
): Run {
  const child = spawn('npm', args, { cwd, env: { ...machineEnv, HOME: home.dir, ...env } })
  children.push(child)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  child.stdin.end(input ?? '')
  const ended = new Promise<Awaited<Run['ended']>>((done) =>
    child.on('close', (code) => done({ code, stdout, stderr }))
  )
  return { child, stderr: () => stderr, ended }
}

test('npm start with words: nothing on stdout but the answer, one cost line on stderr', async () => {
  const { code, stdout, stderr } = await npm(['start', '--', 'say hello']).ended
  expect(code).toBe(0)
  expect(stdout).toMatch(/^This is the Caicaini sandbox[^\n]*\n$/)
  expect(stderr).toMatch(/^↳ [^\n]*\n$/)
})

test('npm start with piped text: one answer to all of it', async () => {
  const { code, stdout } = await npm(['start'], { input: 'a question from a pipe' }).ended
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('“a question from a pipe”') })
})

test('npm start with nothing at all serves, and stopping npm stops it', async () => {
  const run = npm(['start'])
  while (!/listening on|another program/.test(run.stderr())) await new Promise((done) => setTimeout(done, 20))
  // The port is the fixed one: on a machine where it is taken, being told so is the answer.
  if (/another program/.test(run.stderr())) return expect((await run.ended).code).not.toBe(0)
  const url = /http:\/\/\S+/.exec(run.stderr())?.[0]
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  while (!run.stderr().includes('curl -N')) await new Promise((done) => setTimeout(done, 20))
  run.child.kill('SIGTERM')
  await run.ended
  await expect(fetch(`${url}/healthz`)).rejects.toThrow()
})

test('a set-up that fails says what failed and how to mend it, on stderr, and ends with 1', async () => {
  const checkout = mkdtempSync(join(tmpdir(), 'caicaini-checkout-'))
  cpSync(join(ROOT, 'scripts'), join(checkout, 'scripts'), { recursive: true })
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(ROOT, name), join(checkout, name))
  for (const name of ['protocol', 'server', 'cli']) {
    mkdirSync(join(checkout, 'packages', name), { recursive: true })
    cpSync(join(ROOT, 'packages', name, 'package.json'), join(checkout, 'packages', name, 'package.json'))
  }
  // A registry that nobody serves.
  writeFileSync(join(checkout, '.npmrc'), 'registry=http://127.0.0.1:9/\nfetch-retries=0\nloglevel=silent\n')
  const env = {
    npm_config_registry: 'http://127.0.0.1:9/',
    npm_config_fetch_retries: '0',
    npm_config_cache: join(checkout, 'cache')
  }
  const { code, stdout, stderr } = await npm(['start', '--', 'hi'], { cwd: checkout, env }).ended
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain('npm could not install the dependencies')
  expect(stderr).toContain('Check the network')
  expect(stderr).not.toMatch(/\n\s+at /)
  rmSync(checkout, { recursive: true })
})
