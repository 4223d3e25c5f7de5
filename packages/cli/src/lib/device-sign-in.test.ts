import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { runToExitCode } from '../run-process.js'
import { json, type Play } from '../testing/play-transport.js'
import { createTestContext, KEY, type TestContext, type TestOptions } from '../testing/test-context.js'
import { browserCommand } from './browser.js'

const CODE = {
  device_code: 'cai_device_1',
  user_code: 'BCDF-GHJK',
  verification_uri: 'https://played.test/device',
  verification_uri_complete: 'https://played.test/device?code=BCDF-GHJK',
  expires_in: 600,
  interval: 5
}
const TOKEN = { access_token: KEY, token_type: 'Bearer', scope: 'cli', key_id: 'key_1', key_name: 'k', replaced: null }
const SELF = {
  key: { id: 'key_1', name: 'caicaini on laptop', scope: 'cli' },
  account: { id: 'acct_1', username: 'ann', role: 'user', plan: 'pro', tier: 'free' },
  notice: null
}

/** Each poll is answered by the next of these, the last one for good. */
function playing(...polls: (object | Error)[]): Play {
  let polled = 0
  return ({ path }) => {
    if (path === '/api/device/code') return json(CODE)
    if (path === '/api/keys/self') return json(SELF)
    const answer = polls[Math.min(polled++, polls.length - 1)]
    if (answer instanceof Error) throw answer
    return json(answer, answer && 'access_token' in answer ? 200 : 400)
  }
}

/** Runs a command to its end, the clock going on by a second whenever it waits; how many seconds that took. */
async function wait(t: TestContext, words: string[]): Promise<{ exit: number; seconds: number }> {
  const fromMs = t.clock.nowMs()
  let exit: number | undefined
  const ended = runToExitCode(words, t.facts).then((code) => {
    exit = code
  })
  while (exit === undefined) {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    if (exit === undefined) await t.clock.advance(1_000)
  }
  await ended
  return { exit, seconds: Math.round((t.clock.nowMs() - fromMs) / 1000) }
}

const context = (options: TestOptions) =>
  createTestContext({ ...options, env: { CAICAINI_API_KEY: undefined, CI: '1' } })
const pending = { error: 'authorization_pending', error_description: 'not yet', interval: 5 }

describe('auth login', () => {
  test('shows the address and the code, waits, and keeps the key', async () => {
    const t = context({ play: playing(pending, pending, TOKEN) })
    expect(await wait(t, ['auth', 'login'])).toMatchObject({ exit: 0 })
    expect(t.stdout()).toBe('')
    for (const said of [CODE.verification_uri_complete, CODE.user_code, 'Signed in to https://caicaini.com as ann'])
      expect(t.stderr()).toContain(said)
    expect(t.stderr()).not.toContain(KEY)
    expect(readFileSync(t.context.keys().path, 'utf8')).toContain(KEY)
    const asked = new URLSearchParams(t.server.requests[0]?.body)
    expect(Object.fromEntries(asked)).toMatchObject({ client_id: 'caicaini', purpose: 'sign-in', scope: 'cli' })
    expect(t.server.requests[0]?.headers['x-api-key']).toBeUndefined()
  })

  test('again names the key that gives way by its hash, and says that it was revoked', async () => {
    const t = context({ play: playing({ ...TOKEN, replaced: 'caicaini on laptop' }) })
    t.context.keys().save('https://caicaini.com', KEY, 'file')
    expect(await wait(t, ['auth', 'login'])).toMatchObject({ exit: 0 })
    const { replaces } = Object.fromEntries(new URLSearchParams(t.server.requests[0]?.body))
    expect(replaces).toMatch(/^[0-9a-f]{64}$/)
    expect(t.stderr()).toContain('The key that was here before, "caicaini on laptop", was revoked.')
  })

  test('polls as slowly as it is told', async () => {
    const slow = { error: 'slow_down', error_description: 'slower' }
    const t = context({ play: playing(slow, slow, pending, TOKEN) })
    const { exit, seconds } = await wait(t, ['auth', 'login'])
    expect(exit).toBe(0)
    // 5, 10, 15, and what the server says from then on.
    expect(seconds).toBeGreaterThanOrEqual(35)
  })

  test.each([
    [{ error: 'access_denied', error_description: '' }, 'it was refused in the browser'],
    [{ error: 'expired_token', error_description: '' }, 'nobody approved it in time'],
    [
      { error: 'invalid_grant', error_description: 'this code is unknown' },
      'the server ended it: this code is unknown'
    ],
    [pending, 'nobody approved it in time']
  ])('%j ends it clearly, with nothing kept', async (answer, said) => {
    const t = context({ play: playing(answer) })
    expect(await wait(t, ['auth', 'login'])).toMatchObject({ exit: 4 })
    expect(t.stderr()).toContain(said)
    expect(t.context.keys().find('https://caicaini.com')).toBeUndefined()
  })

  test('goes on when the network is back, and says once that it was gone', async () => {
    const { CliError } = await import('./cli-error.js')
    const gone = new CliError(7, 'cannot reach https://played.test: offline', { retryable: true })
    const t = context({ play: playing(gone, gone, pending, TOKEN) })
    expect(await wait(t, ['auth', 'login'])).toMatchObject({ exit: 0 })
    expect(t.stderr().match(/trying again/g)).toHaveLength(1)
  })

  test('Ctrl-C ends it at once', async () => {
    const t = context({ play: playing(pending) })
    const ended = runToExitCode(['auth', 'login'], t.facts)
    while (!t.stderr().includes('Waiting')) await new Promise((resolve) => setImmediate(resolve))
    t.raise('SIGINT')
    expect(await ended).toBe(130)
  })

  test('what the server says is not obeyed by the terminal', async () => {
    const evil = (text: string) => `${text}\u001b]0;gone\u0007\u0007`
    const code = { ...CODE, user_code: evil('BCDF'), verification_uri: evil('x'), verification_uri_complete: evil('y') }
    const refused = { error: 'invalid_grant', error_description: evil('no') }
    const t = context({ play: ({ path }) => (path === '/api/device/code' ? json(code) : json(refused, 400)) })
    await wait(t, ['auth', 'login'])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    expect(t.stderr().match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)).toBeNull()
  })
})

test('keys create asks for the same approval, and prints the key alone', async () => {
  const t = createTestContext({ play: playing({ ...TOKEN, scope: 'api' }), env: { CI: '1' } })
  expect(await wait(t, ['keys', 'create', '--name', 'ci', '--quota', '12.5'])).toMatchObject({ exit: 0 })
  expect(t.stdout()).toBe(`${KEY}\n`)
  const asked = Object.fromEntries(new URLSearchParams(t.server.requests[0]?.body))
  expect(asked).toMatchObject({ purpose: 'key', key_name: 'ci', scope: 'api', quota: '12.5' })
})

test.each([
  [{}, 'linux', undefined],
  [{ DISPLAY: ':0' }, 'linux', ['xdg-open']],
  [{ DISPLAY: ':0', SSH_CONNECTION: '10.0.0.1' }, 'linux', undefined],
  [{ BROWSER: 'w3m:lynx' }, 'linux', ['w3m']],
  [{}, 'darwin', ['open']],
  [{ CI: '1' }, 'darwin', undefined]
] as const)('a browser is opened where a screen is at hand: %j on %s', (env, platform, command) => {
  expect(browserCommand({ env, platform })).toEqual(command)
})
