import { execFileSync, type SpawnSyncReturns, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { LLMock } from '@copilotkit/aimock'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { CLI, createHome, type Home, NODE, runCli, type Started, startServing } from './support/run-cli.js'

const PAGE = readFileSync(resolve(import.meta.dirname, '../../../docs/scripting.md'), 'utf8')

/** The blocks of one section, in order, as they stand there. */
function blocksOf(title: string): string[] {
  const section = PAGE.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? ''
  const blocks = [...section.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)
  if (blocks.length === 0) throw new Error(`docs/scripting.md has no block under "${title}"`)
  return blocks
}

const CODE = 'Here:\n```sh\nseq 1 3\n```\n'
const BUGS = JSON.stringify({ bugs: [{ file: 'a.js', line: 3, what: 'never ends' }] })
const PLAYED: readonly (readonly [RegExp, string])[] = [
  [/commit message/, 'Say hello to the world'],
  [/Review this diff[\s\S]*broken/, BUGS],
  [/Review this diff[\s\S]*vague/, 'It looks fine to me.'],
  [/Review this diff/, '{"bugs": []}'],
  [/What changed/, 'Nothing is due.'],
  [/Which language/, 'English'],
  [/Count to three/, 'one two three'],
  [/A shell command/, CODE],
  [/chapter/, 'A short summary.'],
  [/Say hello/, 'Hello.']
]

let serverHome: Home
let upstream: LLMock
let serving: Started
let url: string
let key: string
let home: Home
let env: Record<string, string>

// One server, as in life: real, with a played provider behind it.
beforeAll(async () => {
  serverHome = createHome()
  upstream = new LLMock({ port: 0, host: '127.0.0.1' })
  for (const [asked, content] of PLAYED)
    upstream.onMessage(asked, { content, usage: { input_tokens: 20, output_tokens: 9 } })
  await upstream.start()
  const provider = { ANTHROPIC_API_KEY: 'sk-ant-played', CAICAINI_ANTHROPIC_BASE_URL: upstream.url }
  const started = await startServing([], { env: { ...serverHome.env, ...provider } })
  ;({ url, serving } = started)
  key = (await runCli(['--local', 'keys', 'create', '--name', 'scripts'], { env: serverHome.env })).stdout.trim()
})

afterAll(async () => {
  serving.child.kill('SIGTERM')
  await serving.ended
  await upstream.stop()
  serverHome.remove()
})

beforeEach(() => {
  home = createHome()
  const bin = join(home.dir, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'caicaini'), `#!/bin/sh\nexec '${NODE}' '${CLI}' "$@"\n`, { mode: 0o755 })
  env = { ...home.env, PATH: `${bin}:/usr/bin:/bin`, CAICAINI_BASE_URL: url, CAICAINI_API_KEY: key }
})

afterEach(() => home.remove())

type Ran = Pick<SpawnSyncReturns<string>, 'status' | 'stdout' | 'stderr'>

/** Runs a script; the server is beside us, so it is not waited for with the loop stopped. */
function sh(script: string, options: { cwd?: string; env?: Record<string, string> } = {}): Promise<Ran> {
  const child = spawn('/bin/sh', ['-c', script], { cwd: home.dir, env, ...options })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk
  })
  // As cron and hooks do: stdin is there, and nothing is on it.
  child.stdin.end()
  return new Promise((done) => child.on('close', (status) => done({ status, stdout, stderr })))
}

const path = (name: string) => join(home.dir, name)
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
    cwd: home.dir,
    env,
    encoding: 'utf8'
  })

function repository(text: string): void {
  git('init', '-q', '-b', 'main')
  git('commit', '-q', '--allow-empty', '-m', 'begin')
  git('branch', 'base')
  writeFileSync(path('a.js'), `${text}\n`)
  git('add', 'a.js')
}

test('A commit message from the diff', async () => {
  repository('hello')
  const [hook = ''] = blocksOf('A commit message from the diff')
  writeFileSync(path('.git/hooks/prepare-commit-msg'), hook, { mode: 0o755 })
  const commit = 'git -c user.name=a -c user.email=a@example.org -c core.editor=true commit -q'
  expect(await sh(commit)).toMatchObject({ status: 0, stderr: '' })
  expect(git('log', '-1', '--format=%s')).toBe('Say hello to the world\n')
  // Who has one keeps it, and a server that is gone is no obstacle.
  const gone = { ...env, CAICAINI_API_KEY: 'cai_api_none' }
  expect((await sh(`${commit} --allow-empty -m mine`, { env: gone })).status).toBe(0)
  expect(git('log', '-1', '--format=%s')).toBe('mine\n')
})

test.each([
  ['hello', 0, ''],
  ['broken', 1, 'a.js:3: never ends\n'],
  ['vague', 1, '']
])('A review that can fail: %s', async (text, status, stdout) => {
  const [schema = '', script = ''] = blocksOf('A review that can fail')
  repository(text)
  git('commit', '-q', '-m', 'change')
  writeFileSync(path('review.schema.json'), schema)
  writeFileSync(path('review.sh'), script)
  const ran = await sh('sh review.sh', { env: { ...env, BASE: 'base' } })
  expect(ran).toMatchObject({ status, stdout })
  if (text === 'vague') expect(ran.stderr).toContain('the answer is not JSON')
  expect(existsSync(path('review.json'))).toBe(text !== 'vague')
})

test('Every morning', async () => {
  const [line = ''] = blocksOf('Every morning')
  const command = line.trim().split(/\s+/).slice(0, 5).join(' ')
  expect(command).toMatch(/^[\d*/,-]+( [\d*/,-]+){4}$/)
  mkdirSync(path('notes'))
  writeFileSync(path('notes/a.md'), 'pay the rent\n')
  // What cron gives: a home, a short PATH, and what stands at the top of the crontab.
  const ran = await sh(line.replace(/^(\S+\s+){5}/, ''), { cwd: '/' })
  expect(ran).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(readFileSync(path('notes/digest.txt'), 'utf8')).toBe('Nothing is due.\n')
})

test('Files that depend on files', async () => {
  const [makefile = ''] = blocksOf('Files that depend on files')
  writeFileSync(path('Makefile'), makefile)
  writeFileSync(path('summary.txt'), 'Sum it up.\n')
  mkdirSync(path('chapters'))
  for (const name of ['one', 'two']) writeFileSync(path(`chapters/${name}.md`), `chapter ${name}\n`)
  expect((await sh('make -j2')).status).toBe(0)
  expect(readFileSync(path('chapters/two.summary'), 'utf8')).toBe('A short summary.\n')
  expect((await sh('make')).stdout).toContain('Nothing to be done')
})

test('Many rows', async () => {
  const [script = ''] = blocksOf('Many rows')
  writeFileSync(path('rows.jsonl'), '{"id": 1, "text": "hello"}\n{"id": 2, "text": "world"}\n')
  expect(await sh(script)).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(readFileSync(path('languages.tsv'), 'utf8')).toBe('1\tEnglish\n2\tEnglish\n')
  const asked = upstream.getRequests().length
  expect((await sh(script)).status).toBe(0)
  expect(upstream.getRequests()).toHaveLength(asked)
})

test('As it comes', async () => {
  const [script = ''] = blocksOf('As it comes')
  expect(await sh(script)).toEqual({ status: 0, stdout: 'one two three\n0.065 credits\n', stderr: '' })
})

test('Only the code', async () => {
  const [script = ''] = blocksOf('Only the code')
  expect(await sh(script)).toEqual({ status: 0, stdout: '1\n2\n3\n', stderr: '' })
})

test('What went wrong', async () => {
  const [script = ''] = blocksOf('What went wrong')
  expect(await sh(script)).toMatchObject({ status: 0, stdout: 'answered\n' })
  const nobody = { ...env, CAICAINI_API_KEY: '' }
  expect((await sh(script, { env: nobody })).stdout).toBe('sign in: caicaini auth login\n')
})

test('An agent with a limit', async () => {
  const [script = ''] = blocksOf('An agent with a limit')
  const ran = await sh(script)
  expect(ran).toMatchObject({ status: 0, stdout: 'Hello.\n' })
  expect(ran.stderr).toMatch(/↳ sh · 0\.07 of 50 credits · 1 request\n$/)
})

test('every recipe of the page has its test', () => {
  const source = readFileSync(import.meta.filename, 'utf8')
  const titles = [...PAGE.matchAll(/^## (.+)$/gm)].map(([, title]) => title)
  expect(titles.length).toBeGreaterThan(5)
  for (const title of titles) expect(source).toContain(`blocksOf('${title}')`)
})
