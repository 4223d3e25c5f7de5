import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHome, type Home, NODE } from './support/run-cli.js'

const LAUNCHER = resolve(import.meta.dirname, '../bin/caicaini.js')
let home: Home

beforeEach(() => {
  home = createHome()
})

afterEach(() => {
  home.remove()
})

/** Runs a launcher on this runtime; with `old` on one that says to be too old. */
function launch(words: string[], { launcher = LAUNCHER, old = false } = {}) {
  const pretend = join(home.dir, 'old.cjs')
  writeFileSync(pretend, "Object.defineProperty(process.versions, 'node', { value: '20.19.0' })")
  const child = spawn(NODE, [...(old ? ['--require', pretend] : []), launcher, ...words], { env: home.env })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk
  })
  const listening = Promise.withResolvers<void>()
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk
    if (stderr.includes('listening on')) listening.resolve()
  })
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((done) => {
    child.on('close', (code) => done({ code, stdout, stderr }))
  })
  return { child, ended, listening: listening.promise }
}

test('a runtime that is new enough runs the program itself', async () => {
  expect(await launch(['--version']).ended).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/)
  })
})

test('an old one hands over to the bundled one, with words, streams and exit code', async () => {
  expect(await launch(['--version'], { old: true }).ended).toMatchObject({ code: 0, stderr: '' })
  expect(await launch(['keys', 'nonsense'], { old: true }).ended).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("unknown command 'nonsense'")
  })
})

test('signals reach the program behind the launcher', async () => {
  const { child, ended, listening } = launch(['serve', '--port', '0'], { old: true })
  await listening
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ code: 0, stderr: expect.stringContaining('SIGTERM: stopping') })
})

test.each([
  ['nothing was built', false, false],
  ['no runtime is there', true, true]
])('when %s it says what to do', async (_name, built, old) => {
  const place = join(home.dir, 'packages/cli')
  mkdirSync(join(place, 'bin'), { recursive: true })
  mkdirSync(join(home.dir, 'scripts'))
  writeFileSync(join(home.dir, 'package.json'), '{"type":"module"}')
  writeFileSync(join(home.dir, 'scripts/setup.js'), '')
  cpSync(LAUNCHER, join(place, 'bin/caicaini.js'))
  if (built) {
    mkdirSync(join(place, 'dist'))
    writeFileSync(join(place, 'dist/main.js'), '')
  }
  const end = await launch(['hello'], { launcher: join(place, 'bin/caicaini.js'), old }).ended
  expect(end).toMatchObject({ code: 1, stdout: '' })
  expect(end.stderr).toContain('npm start')
})
