import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHome, type Home, runCli, type Started, startServing } from './support/run-cli.js'

let home: Home
let serving: Started
let url: string
let key: string
/** A session with a bus, and a `secret-tool` that does as libsecret's, with files for a keyring. */
let env: Record<string, string>
let keyring: string

const SECRET_TOOL = `#!/bin/sh
test -e "$KEYRING/hangs" && exec sleep 60
verb="$1"; shift
test "$verb" = store && shift
item="$KEYRING/$(printf %s "$4" | tr -c 'a-z0-9\\n' _)"
case "$verb" in
  store) cat > "$item" ;;
  lookup) test -e "$item" || exit 1; cat "$item" ;;
  clear) test -e "$item" || exit 1; rm "$item" ;;
esac
`

beforeEach(async () => {
  home = createHome()
  ;({ serving, url } = await startServing([], { env: { ...home.env, CAICAINI_CAPTCHA: 'off' } }))
  key = (await runCli(['--local', 'keys', 'create', '--name', 'k', '--scope', 'cli'], { env: home.env })).stdout.trim()
  keyring = join(home.dir, 'keyring')
  const bin = join(home.dir, 'bin')
  mkdirSync(keyring)
  mkdirSync(bin)
  writeFileSync(join(bin, 'secret-tool'), SECRET_TOOL, { mode: 0o755 })
  env = { HOME: home.dir, PATH: `${bin}:/usr/bin:/bin`, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/none', KEYRING: keyring }
})
afterEach(async () => {
  serving.child.kill('SIGKILL')
  await serving.ended
  home.remove()
})

const login = () => runCli(['auth', 'login', '--with-token', '--base-url', url], { env, stdin: key })
const credentials = () => readFileSync(join(home.dir, '.config/caicaini/credentials.json'), 'utf8')

test.skipIf(process.platform !== 'linux')('the key lies in the keyring from sign-in to sign-out', async () => {
  const { code, stderr } = await login()
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("The key is in the session's keyring.") })
  expect(credentials()).not.toContain(key)
  // Nothing of the trial is left.
  const [item, ...more] = readdirSync(keyring)
  expect(more).toEqual([])
  expect(readFileSync(join(keyring, `${item}`), 'utf8')).toBe(key)
  const status = JSON.parse((await runCli(['auth', 'status', '--json'], { env })).stdout)
  expect(status).toMatchObject({ signed_in: true, origin: 'keychain' })
  writeFileSync(join(keyring, 'hangs'), '')
  const locked = await runCli(['auth', 'status'], { env })
  expect(locked).toMatchObject({ code: 4, stderr: expect.stringContaining('did not answer within 2 s): unlock it') })
  expect(locked.stderr).toContain('CAICAINI_API_KEY')
  expect(credentials()).toContain('"keychain"')
  rmSync(join(keyring, 'hangs'))
  expect(await runCli(['auth', 'logout'], { env })).toMatchObject({ code: 0 })
  expect(readdirSync(keyring)).toEqual([])
})

test.skipIf(process.platform !== 'linux')(
  'a keyring that hangs costs two seconds, and the file is named aloud',
  async () => {
    writeFileSync(join(keyring, 'hangs'), '')
    const { code, stderr } = await login()
    expect(code).toBe(0)
    expect(stderr).toContain('The keychain cannot be used (secret-tool did not answer within 2 s)')
    expect(stderr).toContain('credentials.json (readable by you alone)')
    expect(JSON.parse((await runCli(['auth', 'status', '--json'], { env })).stdout)).toMatchObject({ origin: 'file' })
  }
)
