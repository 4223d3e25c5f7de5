import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { env as given } from 'node:process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDir, machine, run, serve, textOf } from '../test/support/installer-world.js'
import { NODE } from '../test/support/run-cli.js'
import { namesOf, PLATFORM } from '../test/support/small-release.js'

/*
 * The real thing, which takes a minute and the registry: a release as `npm run release` makes it, with its own
 * runtime and native parts, and the package of `npm pack`.
 */
const ROOT = resolve(import.meta.dirname, '../../..')
const exec = promisify(execFile)
const VERSION = JSON.parse(readFileSync(join(ROOT, 'packages/cli/package.json'), 'utf8')).version

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'caicaini-release-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function release(...words: string[]) {
  return exec(NODE, [join(ROOT, 'scripts/release.js'), ...words], { cwd: ROOT, maxBuffer: 1e7 })
}

test('a release installs on a machine without Node, and again is the same to the byte', async () => {
  const key = join(dir, 'key.pem')
  await release('--new-key', key)
  await expect(release('--new-key', key)).rejects.toThrow('not overwritten')
  for (const name of ['one', 'two'])
    await release('--key', key, '--serve', join(dir, name), '--platform', PLATFORM, '--fast')
  for (const part of [
    namesOf(VERSION).archive,
    namesOf(VERSION).sums,
    `${namesOf(VERSION).sums}.sig`,
    'manifest.json',
    'install'
  ])
    expect(readFileSync(join(dir, 'one', part)).equals(readFileSync(join(dir, 'two', part))), part).toBe(true)

  const m = machine()
  expect(await m.install(await serve(join(dir, 'one')))).toMatchObject({ code: 0, stderr: '' })
  expect(await m.caicaini('--version')).toMatchObject({ code: 0, stdout: `${VERSION}\n`, stderr: '' })
  const said = await m.caicaini('--local', '--no-stdin', 'say hello')
  expect(said).toMatchObject({ code: 0, stdout: expect.stringContaining('sandbox') })
  expect(textOf(join(m.home, '.local/share/man/man1/caicaini.1'))).toContain('caicaini keys create')
  const current = join(m.home, '.local/lib/caicaini/current')
  for (const name of ['LICENSE', 'NODE-LICENSE.txt', 'THIRD-PARTY.txt'])
    expect(textOf(join(current, name)).length).toBeGreaterThan(500)
  // The server in it as well, with its native part and its country data.
  const data = freshDir()
  const keys = await m.caicaini('--local', '--data', data, 'keys', 'create', '--name', 'x')
  expect(keys).toMatchObject({ code: 0, stdout: expect.stringMatching(/^cai_api_/) })
}, 300_000)

test('the package of npm pack installs into an empty prefix, server included', async () => {
  const home = freshDir()
  const prefix = join(home, 'prefix')
  const env = {
    ...given,
    HOME: home,
    npm_config_cache: join(home, 'cache'),
    npm_config_userconfig: await userConfig()
  }
  const packed = await exec(
    'npm',
    ['pack', '-w', 'packages/cli', '--pack-destination', home, '--json', '--loglevel=error'],
    { cwd: ROOT }
  )
  const file = join(home, `caicaini-${VERSION}.tgz`)
  expect(packed.stdout).not.toContain('.js.map')
  await exec('npm', ['install', '-g', '--ignore-scripts', '--prefix', prefix, '--loglevel=error', file], {
    cwd: home,
    env
  })
  const command = join(prefix, 'bin/caicaini')
  const { PATH = '' } = given
  const plain = { HOME: home, PATH, CAICAINI_KEYCHAIN: 'off' }
  expect(await run([command, '--version'], { env: plain })).toMatchObject({ code: 0, stdout: `${VERSION}\n` })
  const said = await run([command, '--local', '--no-stdin', 'say hello'], { env: plain })
  expect(said).toMatchObject({ code: 0, stdout: expect.stringContaining('sandbox') })
  expect(existsSync(join(prefix, 'lib/node_modules/caicaini/dist/server/index.js'))).toBe(true)
}, 300_000)

/** Where this machine says which registry it uses. */
async function userConfig(): Promise<string> {
  const { stdout } = await exec('npm', ['config', 'get', 'userconfig'], { cwd: tmpdir() })
  return stdout.trim()
}
