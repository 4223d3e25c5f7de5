import { type Challenge, solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import { type TOTP, URI } from 'otpauth'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { scanQr } from '../src/testing/scan-qr.js'
import { createHome, type Home, runCli, type Started, startServing } from './support/run-cli.js'
import { KEYS, openTerminal, type TerminalOptions, type TestTerminal } from './support/terminal.js'

const PASSWORD = 'a compiler of my own'
const STEP_MS = 30_000

let home: Home
let serving: Started
let url: string
let terminal: TestTerminal | undefined
let key: string

// A server as it comes, its captcha and all.
beforeEach(async () => {
  home = createHome()
  ;({ serving, url } = await startServing([], { env: home.env }))
  const challenge = (await (await fetch(`${url}/api/captcha/altcha?action=register`)).json()) as Challenge
  const solution = await solveChallenge({ challenge, deriveKey })
  const captcha = Buffer.from(JSON.stringify({ challenge, solution })).toString('base64')
  const person = { username: 'grace', email: 'grace@example.org', password: PASSWORD, age: 18, terms: '2026-11-21' }
  await post('/api/register', { ...person, captcha })
  const words = ['--local', 'keys', 'create', '--name', 'k', '--scope', 'cli', '--user', 'grace']
  key = (await runCli(words, { env: home.env })).stdout.trim()
})
afterEach(async () => {
  terminal?.close()
  serving.child.kill('SIGKILL')
  await serving.ended
  home.remove()
})

function post(path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** The command at the question for the first thing after name and password. */
async function signIn(words: readonly string[], options: Partial<TerminalOptions> = {}): Promise<TestTerminal> {
  terminal?.close()
  const env = { ...home.env, CAICAINI_BASE_URL: url, ...options.env }
  terminal = openTerminal(['account', 'second-factor', ...words], { ...options, env })
  await terminal.until('Username or e-mail: ')
  terminal.type(`grace${KEYS.enter}`)
  await terminal.until('Password (not shown): ')
  terminal.type(`${PASSWORD}${KEYS.enter}`)
  return terminal
}

/** Everything on one line, for a narrow terminal breaks lines. */
const joined = (shown: TestTerminal) => shown.everything().replace(/\n/g, '')

const linkOf = (shown: TestTerminal) =>
  /otpauth:\/\/totp\/[\w%:.@-]+\?[\w%=&-]+?period=30/.exec(joined(shown))?.[0] ?? ''

/** What an app makes of a link. */
const secretOf = (link: string) => {
  const { secret, algorithm, digits, period } = URI.parse(link) as TOTP
  return { secret: secret.base32, algorithm, digits, period }
}
const scanned = (shown: string) => secretOf(scanQr(shown) ?? '')

/** The code that the app of a link shows, `steps` later than now: each is taken once. */
const codeOf = (link: string, steps = 0) => URI.parse(link).generate({ timestamp: Date.now() + steps * STEP_MS })

async function expectWhole(shown: TestTerminal, code = 0): Promise<void> {
  const end = await shown.ended
  expect(end.code).toBe(code)
  expect(end.stty).toMatch(/[^-]icanon/)
  expect(end.stty).toMatch(/[^-]echo\b/)
  expect(shown.everything()).not.toContain(PASSWORD)
}

/** How many browsers are signed in, by the server's own count. */
async function sessionsOfGrace(): Promise<number> {
  const response = await fetch(`${url}/api/account/sessions`, { headers: { 'x-api-key': key } })
  const { sessions } = (await response.json()) as { sessions: unknown[] }
  return sessions.length
}

test('an app scans the code, signing in asks for its codes, and they are turned off again', async () => {
  const show = () =>
    runCli(['account', 'second-factor', 'show'], {
      env: { ...home.env, CAICAINI_BASE_URL: url, CAICAINI_API_KEY: key }
    })
  const before = await sessionsOfGrace()
  const setUp = await signIn(['enable'], { rows: 40 })
  await setUp.until('Six digits it shows: ')
  const link = linkOf(setUp)
  expect(scanned(setUp.everything())).toEqual(secretOf(link))
  setUp.type(`${codeOf(link)}${KEYS.enter}`)
  await expectWhole(setUp)
  const codes = setUp.everything().match(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){5}$/gm) ?? []
  expect(codes).toHaveLength(10)
  expect((await show()).stdout).toMatch(/^authenticator app\s+on$/m)
  expect(await sessionsOfGrace()).toBe(before)

  const off = await signIn(['disable'])
  await off.until('recovery code: ')
  off.type(`000000${KEYS.enter}`)
  await off.until('is wrong')
  off.type(`${codeOf(link, 1)}${KEYS.enter}`)
  await expectWhole(off)
  expect(off.everything()).toContain('no codes of your app any more')
  expect(await sessionsOfGrace()).toBe(before)
})

test('a terminal of 24 rows shows the code whole', async () => {
  const shown = await signIn(['enable'])
  await shown.until('Six digits it shows: ')
  expect(scanned(shown.screen().join('\n'))).toEqual(secretOf(linkOf(shown)))
  shown.type(KEYS.ctrlC)
  await expectWhole(shown, 130)
})

test('at 40 columns the secret is typed, and Ctrl-C signs out again', async () => {
  const before = await sessionsOfGrace()
  const shown = await signIn(['enable'], { columns: 40, env: { ...home.env, NO_COLOR: '1' } })
  await shown.until('Six digits it shows: ')
  expect(joined(shown)).toContain('40 columns are too few')
  expect(linkOf(shown)).toContain('secret=')
  shown.type(KEYS.ctrlC)
  await expectWhole(shown, 130)
  expect(await sessionsOfGrace()).toBe(before)
})
