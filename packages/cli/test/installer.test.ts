import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  copyOf,
  cutting,
  freshDir,
  machine,
  run,
  serve,
  startServer,
  textOf,
  toolsDir
} from './support/installer-world.js'
import { loadScripts, makeRelease, namesOf, type Signer } from './support/small-release.js'

const OLD = '1.0.0'
const NEW = '1.1.0'
const ROOT = '.local/lib/caicaini'

let dir: string
let releases: string
let signer: Signer
let url: string
let stop: () => Promise<void>

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'caicaini-installer-'))
  releases = join(dir, 'releases')
  const { makeKey } = await loadScripts()
  signer = makeKey(join(dir, 'key.pem'))
  await makeRelease(releases, { version: OLD, signer, runtimeNote: 'an older one' })
  await makeRelease(releases, { version: NEW, signer })
  const served = await startServer(releases)
  url = served.url
  stop = served.stop
}, 60_000)
afterAll(async () => {
  await stop()
  rmSync(dir, { recursive: true, force: true })
})

/** Nothing that is in use may come of an installation that was refused. */
function expectNothingInstalled(home: string): void {
  expect(existsSync(join(home, '.local/bin/caicaini'))).toBe(false)
  expect(existsSync(join(home, ROOT)) ? readdirSync(join(home, ROOT)) : []).toEqual([])
}

/** Changes one byte in the middle of a file. */
function spoil(file: string): void {
  const bytes = readFileSync(file)
  const at = bytes.length >> 1
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(file, bytes)
}

describe('a fresh installation', () => {
  test.each(['/bin/sh', '/bin/bash', '/usr/bin/dash'])('by %s works, without root and without Node', async (shell) => {
    const m = machine({ shell })
    const { code, stdout, stderr } = await m.install(url)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Caicaini Code ${NEW} is installed: ${m.home}/.local/bin/caicaini`)
    expect(stdout).toContain(`export PATH='${m.home}/.local/bin':"$PATH"`)
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('Next: caicaini auth login')
    expect(await m.caicaini('--version')).toMatchObject({ code: 0, stdout: `${NEW}\n`, stderr: '' })
    expect((await m.caicaini('config', 'get', 'base-url')).stdout.trim()).toBe(url)
    expect(readdirSync(join(m.home, ROOT)).sort()).toEqual(['current', 'receipt.json', 'versions'])
    expect(textOf(join(m.home, '.local/share/man/man1/caicaini.1'))).toContain('CAICAINI')
  })

  test.each([
    ['wget in place of curl', ['wget', 'sha256sum']],
    ['shasum in place of sha256sum', ['curl', 'shasum', 'perl']],
    ['openssl in place of either', ['curl', 'openssl']]
  ])('takes %s', async (_what, tools) => {
    const m = machine({ tools: toolsDir(tools) })
    expect(await m.install(url)).toMatchObject({ code: 0, stderr: '' })
    expect((await m.caicaini('--version')).stdout).toBe(`${NEW}\n`)
  })

  test.each([
    ['no downloader', ['sha256sum'], 'curl or wget is needed'],
    ['nothing that hashes', ['curl'], 'sha256sum, shasum or openssl is needed']
  ])('with %s says what is needed', async (_what, tools, message) => {
    const m = machine({ tools: toolsDir(tools) })
    expect(await m.install(url)).toMatchObject({ code: 1, stderr: expect.stringContaining(message) })
    expectNothingInstalled(m.home)
  })

  test('a home with spaces, quotes and Chinese in its path is a home', async () => {
    const home = join(freshDir(), "Li Wei's 主目录 $HOME")
    const m = machine({ home })
    mkdirSync(join(home, '.config/fish'), { recursive: true })
    expect(await m.install(url, { SHELL: '/bin/bash' })).toMatchObject({ code: 0, stderr: '' })
    expect((await m.caicaini('--version')).stdout).toBe(`${NEW}\n`)
    const fromBash = await run(['/bin/bash', '-c', '. ~/.bashrc; caicaini --version'], { env: m.env })
    expect(fromBash).toMatchObject({ code: 0, stdout: `${NEW}\n` })
    expect(await m.caicaini('uninstall')).toMatchObject({ code: 0 })
    expect(existsSync(join(home, '.bashrc'))).toBe(false)
  })

  test('the installer is a script that shellcheck has nothing to say about', ({ skip }) => {
    const script = join(import.meta.dirname, '../../../scripts/installers/install')
    const { error, status, stdout } = spawnSync('shellcheck', [script], { encoding: 'utf8' })
    if (error) skip('shellcheck is not installed')
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  })

  test('a script that was cut anywhere does nothing', async () => {
    const script = await (await fetch(`${url}/install`)).text()
    const last = script.lastIndexOf('{ main "$@"; }')
    const m = machine()
    const cuts = [100, 1000, 3000, 5000, last - 1, ...Array.from({ length: 14 }, (_, i) => last + i)]
    for (const at of cuts) await run(['/bin/sh'], { env: m.env, stdin: script.slice(0, at) })
    expect(readdirSync(m.home)).toEqual([])
  })
})

describe('what was tampered with is refused before anything of it runs', () => {
  test.each<[string, (dir: string) => void, string]>([
    ['an archive with one bit changed', (at) => spoil(join(at, namesOf(NEW).archive)), 'its checksum differs'],
    ['sums with one bit changed', (at) => spoil(join(at, namesOf(NEW).sums)), 'not'],
    ['a signature with one bit changed', (at) => spoil(join(at, `${namesOf(NEW).sums}.sig`)), 'the signature is wrong'],
    ['no signature', (at) => rmSync(join(at, `${namesOf(NEW).sums}.sig`)), 'its checksums are not signed'],
    ['an empty signature', (at) => writeFileSync(join(at, `${namesOf(NEW).sums}.sig`), ''), 'the signature is wrong'],
    ['no archive', (at) => rmSync(join(at, namesOf(NEW).archive)), 'cannot be had']
  ])('%s', async (_what, change, message) => {
    const spoilt = copyOf(releases)
    change(spoilt)
    const m = machine()
    const { code, stderr } = await m.install(await serve(spoilt))
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(message) })
    expectNothingInstalled(m.home)
  })

  test("another's release, signed by another's key and complete in itself", async () => {
    const theirs = join(freshDir(), 'releases')
    const { makeKey } = await loadScripts()
    const other = makeKey(join(freshDir(), 'key.pem'))
    await makeRelease(theirs, { version: NEW, signer: other })
    // The installer is ours, such as one that was fetched before.
    writeFileSync(join(theirs, 'install'), readFileSync(join(releases, 'install')))
    const m = machine()
    expect(await m.install(await serve(theirs))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the signature is wrong')
    })
    expectNothingInstalled(m.home)
  })

  test('a runtime that the script does not know is never run: openssl verifies, or nobody', async () => {
    const evil = join(freshDir(), 'releases')
    const witness = join(freshDir(), 'ran')
    await makeRelease(evil, {
      version: NEW,
      signer: { ...signer, sign: () => Buffer.alloc(64) },
      runtimeNote: `\ntouch ${witness}`
    })
    writeFileSync(join(evil, 'install'), readFileSync(join(releases, 'install')))
    const from = await serve(evil)
    for (const tools of [toolsDir(), toolsDir(['curl', 'sha256sum', 'openssl'])])
      expect(await machine({ tools }).install(from)).toMatchObject({
        code: 1,
        stdout: expect.not.stringContaining('is installed')
      })
    expect(existsSync(witness)).toBe(false)
  })

  test('an archive of one version under the name of another', async () => {
    const swapped = copyOf(releases)
    for (const part of ['archive', 'sums'] as const)
      writeFileSync(join(swapped, namesOf(NEW)[part]), readFileSync(join(swapped, namesOf(OLD)[part])))
    writeFileSync(join(swapped, `${namesOf(NEW).sums}.sig`), readFileSync(join(swapped, `${namesOf(OLD).sums}.sig`)))
    const m = machine()
    expect(await m.install(await serve(swapped))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('was not made for')
    })
    expectNothingInstalled(m.home)
  })

  test.each([0, 1, 512, 40_000, 400_000])('an archive whose download breaks after %i bytes', async (bytes) => {
    const broken = await cutting(url, { cuts: /tar\.gz$/, bytes })
    const m = machine()
    expect(await m.install(broken)).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be had') })
    expectNothingInstalled(m.home)
  })
})

describe('where it cannot install', () => {
  test('a home that cannot be written is named', async () => {
    const home = freshDir()
    chmodSync(home, 0o555)
    const m = machine({ home, ...(process.getuid?.() === 0 ? { uid: 65_534 } : {}) })
    expect(await m.install(url)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/cannot be made.*CAICAINI_INSTALL_DIR/)
    })
  })

  test.each(['512k', '3m'])('on a disk of %s it says so and leaves nothing', async (size) => {
    const home = freshDir()
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', home]).status === 0
    if (!mounted) return
    onTestFinished(() => void spawnSync('umount', [home]))
    const m = machine({ home })
    const { code, stderr } = await m.install(url)
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/space|cannot be (had|unpacked)/) })
    expectNothingInstalled(home)
  })

  test("somebody else's caicaini in its place stays, and is named", async () => {
    const m = machine()
    const theirs = join(m.home, '.local/bin/caicaini')
    mkdirSync(join(m.home, '.local/bin'), { recursive: true })
    writeFileSync(theirs, '#!/bin/sh\necho theirs\n', { mode: 0o755 })
    expect(await m.install(url)).toMatchObject({ code: 1, stderr: expect.stringContaining(theirs) })
    expect(textOf(theirs)).toContain('theirs')
  })

  test('one that comes first on the PATH is told of', async () => {
    const tools = toolsDir()
    writeFileSync(join(tools, 'caicaini'), '#!/bin/sh\n', { mode: 0o755 })
    const { code, stdout } = await machine({ tools }).install(url)
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`${tools}/caicaini comes before it`) })
  })

  test.each([
    ['9.9.9', 'there is no version 9.9.9'],
    ['1.0/../..', 'CAICAINI_VERSION: must be like']
  ])('version %s is refused', async (version, message) => {
    const m = machine()
    expect(await m.install(url, { CAICAINI_VERSION: version })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(message)
    })
  })

  test.each([
    ['Linux', 'riscv64', 'there is no version for riscv64'],
    ['FreeBSD', 'amd64', 'there is no version for FreeBSD'],
    ['MINGW64_NT-10.0', 'x86_64', 'install.ps1 | iex']
  ])('on %s %s', async (system, hardware, message) => {
    const tools = toolsDir()
    rmSync(join(tools, 'uname'))
    writeFileSync(join(tools, 'uname'), `#!/bin/sh\n[ "$1" = -s ] && echo ${system} || echo ${hardware}\n`, {
      mode: 0o755
    })
    const m = machine({ tools })
    expect(await m.install(url)).toMatchObject({ code: 1, stderr: expect.stringContaining(message) })
  })

  test('a shell under Rosetta is on a machine that is arm64', async () => {
    const tools = toolsDir()
    rmSync(join(tools, 'uname'))
    writeFileSync(join(tools, 'uname'), '#!/bin/sh\n[ "$1" = -s ] && echo Darwin || echo x86_64\n', { mode: 0o755 })
    writeFileSync(join(tools, 'sysctl'), '#!/bin/sh\necho 1\n', { mode: 0o755 })
    const { stderr } = await machine({ tools }).install(url)
    expect(stderr).toContain('was not made for darwin-arm64')
  })
})

describe('another version', () => {
  test('upgrade, downgrade and the same once more; what is in use is always whole', async () => {
    const m = machine({ tools: toolsDir(['curl', 'sha256sum', 'openssl']) })
    const versionAfter = async (env: Record<string, string>) => {
      const { code, stderr } = await m.install(url, env)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      return (await m.caicaini('--version')).stdout.trim()
    }
    expect(await versionAfter({ CAICAINI_VERSION: OLD })).toBe(OLD)
    expect(await versionAfter({})).toBe(NEW)
    expect(await versionAfter({})).toBe(NEW)
    expect(readlinkSync(join(m.home, ROOT, 'previous'))).toBe(`versions/${OLD}`)
    expect(await versionAfter({ CAICAINI_VERSION: OLD })).toBe(OLD)
    expect(readdirSync(join(m.home, ROOT, 'versions'))).toHaveLength(2)
  })

  test('its runtime is unknown to this script: without openssl 3 it is refused', async () => {
    const m = machine()
    expect(await m.install(url, { CAICAINI_VERSION: OLD })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('openssl 3 is needed')
    })
    expectNothingInstalled(m.home)
  })

  test('two at once both end well, and one whole version is in use', async () => {
    const m = machine()
    const ends = await Promise.all([m.install(url), m.install(url), m.install(url)])
    expect(ends.map(({ code, stderr }) => ({ code, stderr }))).toEqual(ends.map(() => ({ code: 0, stderr: '' })))
    expect((await m.caicaini('--version')).stdout).toBe(`${NEW}\n`)
    expect(readdirSync(join(m.home, ROOT)).sort()).toEqual(['current', 'receipt.json', 'versions'])
    expect(readdirSync(join(m.home, ROOT, 'versions'))).toHaveLength(1)
  })
})

/** A machine with the older version, installed from `url`. */
async function withOld(from: string) {
  const m = machine({ tools: toolsDir(['curl', 'sha256sum', 'openssl']) })
  expect(await m.install(from, { CAICAINI_VERSION: OLD })).toMatchObject({ code: 0 })
  return m
}

describe('caicaini update', () => {
  test('tells, brings, keeps the one before, and goes back to it', async () => {
    const m = await withOld(url)
    expect((await m.caicaini('update', '--rollback')).stderr).toContain('there is no version before this one')
    expect((await m.caicaini('update', '--check')).stdout).toBe(`${NEW} is there, ${OLD} is in use: caicaini update\n`)
    expect(await m.caicaini('update')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${NEW} replaces ${OLD}`)
    })
    expect((await m.caicaini('--version')).stdout).toBe(`${NEW}\n`)
    expect((await m.caicaini('update')).stdout).toBe(`${NEW} is in use, and the newest\n`)
    expect(await m.caicaini('update', '--rollback')).toMatchObject({ code: 0 })
    expect((await m.caicaini('--version')).stdout).toBe(`${OLD}\n`)
    expect(await m.caicaini('update', '--rollback')).toMatchObject({ code: 0 })
    expect(await m.caicaini('update', '--to', OLD)).toMatchObject({ code: 0 })
    expect((await m.caicaini('--version')).stdout).toBe(`${OLD}\n`)
    expect((await m.caicaini('update', '--to', '7.0.0')).stderr).toContain(`it has ${NEW}, ${OLD}`)
  })

  test.each<[string, (dir: string) => void, string]>([
    ['the list of versions', (at) => spoil(join(at, 'manifest.json')), 'the signature of /releases/manifest.json'],
    ['the sums', (at) => spoil(join(at, namesOf(NEW).sums)), `the signature of /releases/${namesOf(NEW).sums}`],
    ['the archive', (at) => spoil(join(at, namesOf(NEW).archive)), 'its checksum differs']
  ])('refuses a change of %s and stays as it is', async (_what, change, message) => {
    const spoilt = copyOf(releases)
    const m = await withOld(await serve(spoilt))
    change(spoilt)
    expect(await m.caicaini('update')).toMatchObject({ code: 1, stderr: expect.stringContaining(message) })
    expect((await m.caicaini('--version')).stdout).toBe(`${OLD}\n`)
    expect(readdirSync(join(m.home, ROOT)).sort()).toEqual(['current', 'receipt.json', 'versions'])
  })

  test('is not talked into an older version', async () => {
    const m = machine()
    await m.install(url)
    const older = join(freshDir(), 'releases')
    await makeRelease(older, { version: OLD, signer })
    const from = await serve(older)
    const receipt = join(m.home, ROOT, 'receipt.json')
    writeFileSync(receipt, textOf(receipt).replace(url, from))
    expect(await m.caicaini('update')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing was changed')
    })
  })

  test('says how to update what did not come from the installer', async () => {
    const home = freshDir()
    const { runCli } = await import('./support/run-cli.js')
    const end = await runCli(['update'], { env: { HOME: home, PATH: '/usr/bin' } })
    expect(end).toMatchObject({ code: 1, stderr: expect.stringContaining('npm install -g caicaini@latest') })
  })
})

describe('caicaini uninstall', () => {
  test('takes away all that was brought, and leaves what was there before', async () => {
    const m = machine()
    const before = { '.bashrc': 'alias ll="ls -l"', '.zshrc': '# mine\n', '.profile': '# mine too\n' }
    for (const [name, text] of Object.entries(before)) writeFileSync(join(m.home, name), text)
    mkdirSync(join(m.home, '.config/fish'), { recursive: true })
    await m.install(url)
    for (const name of Object.keys(before)) expect(textOf(join(m.home, name))).toContain('.local/bin')
    expect(textOf(join(m.home, '.config/fish/conf.d/caicaini.fish'))).toContain('fish_add_path')
    await m.caicaini('config', 'set', 'model', 'haiku')
    expect(await m.caicaini('uninstall')).toMatchObject({ code: 0, stdout: expect.stringContaining('--purge') })
    for (const name of ['.zshrc', '.profile'] as const) expect(textOf(join(m.home, name))).toBe(before[name])
    expect(textOf(join(m.home, '.bashrc')).trimEnd()).toBe(before['.bashrc'])
    for (const gone of ['.local/bin/caicaini', ROOT, '.config/fish/conf.d/caicaini.fish'])
      expect(existsSync(join(m.home, gone))).toBe(false)
    expect(existsSync(join(m.home, '.local/share/man/man1/caicaini.1'))).toBe(false)
    expect(existsSync(join(m.home, '.config/caicaini/config.json'))).toBe(true)
  })

  test('--purge asks, and without a terminal wants --yes', async () => {
    const m = machine()
    await m.install(url)
    await m.caicaini('config', 'set', 'model', 'haiku')
    expect(await m.caicaini('uninstall', '--purge')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes')
    })
    expect((await m.caicaini('--version')).code).toBe(0)
    expect(await m.caicaini('uninstall', '--purge', '--yes')).toMatchObject({ code: 0 })
    expect(existsSync(join(m.home, '.config/caicaini'))).toBe(false)
  })
})

test('an installation again puts no second line into a file, and CAICAINI_NO_PATH none', async () => {
  const m = machine()
  await m.install(url, { SHELL: '/bin/zsh' })
  await m.install(url, { SHELL: '/bin/zsh' })
  expect(textOf(join(m.home, '.zshrc')).trimEnd().split('\n')).toHaveLength(1)
  const other = machine()
  await other.install(url, { SHELL: '/bin/zsh', CAICAINI_NO_PATH: '1' })
  expect(existsSync(join(other.home, '.zshrc'))).toBe(false)
})

test.each([['curl'], ['wget']])('%s goes through the proxy of its variables', async (tool) => {
  const proxy = await cutting(url, { cuts: /nothing/, bytes: 0 })
  const script = (await (await fetch(`${url}/install`)).text()).replaceAll(url, 'http://caicaini.invalid')
  const m = machine({ tools: toolsDir([tool, 'sha256sum']) })
  expect(await run(['/bin/sh'], { env: { ...m.env, http_proxy: proxy }, stdin: script })).toMatchObject({ code: 0 })
  expect((await m.caicaini('config', 'get', 'base-url')).stdout).toBe('http://caicaini.invalid\n')
})

test('a lock that a dead process left is no obstacle', async () => {
  const m = machine()
  mkdirSync(join(m.home, ROOT), { recursive: true })
  const { pid } = spawnSync('/bin/true')
  writeFileSync(join(m.home, ROOT, 'lock'), `${pid}\n`)
  expect(await m.install(url)).toMatchObject({ code: 0, stderr: '' })
})

test('an older release leaves the installers alone; one whose folder was deleted is no longer listed', async () => {
  const at = copyOf(releases)
  const installer = textOf(join(at, 'install'))
  await makeRelease(at, { version: '0.9.0', signer })
  expect(textOf(join(at, 'install'))).toBe(installer)
  const listed = () =>
    JSON.parse(textOf(join(at, 'manifest.json'))).versions.map((one: { version: string }) => one.version)
  expect(listed()).toEqual([NEW, OLD, '0.9.0'])
  rmSync(join(at, NEW), { recursive: true })
  await makeRelease(at, { version: OLD, signer })
  expect(listed()).toEqual([OLD, '0.9.0'])
  expect(textOf(join(at, 'install'))).toContain(`newest='${OLD}'`)
})

test('same files, same bytes, in whatever order and when', async () => {
  const { packTarGz } = await loadScripts()
  const files = ['b/x', 'a', 'b/a'].map((path) => ({ path, mode: 0o644, data: Buffer.from(path) }))
  const [one, two] = [files, files.toReversed()].map((list) => packTarGz(list, { level: 9 }))
  expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true)
  const out = freshDir()
  writeFileSync(join(out, 'x.tgz'), one ?? '')
  expect(spawnSync('tar', ['-xzf', 'x.tgz'], { cwd: out }).status).toBe(0)
  expect(statSync(join(out, 'b/x')).mtimeMs).toBe(Date.UTC(2026, 0, 1))
})
