import type { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { WireRequest } from '../../../lib/transport.js'
import { runToExitCode } from '../../../run-process.js'
import { settle } from '../../../testing/fake-clock.js'
import { json, type Play, refusal } from '../../../testing/play-transport.js'
import { scanQr } from '../../../testing/scan-qr.js'
import { createTestContext, type TestOptions } from '../../../testing/test-context.js'

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const SCANNED = `otpauth://totp/Caicaini%20Code:ann%40code.example.org?issuer=Caicaini%20Code&secret=${SECRET}`
const URI = `${SCANNED}&algorithm=SHA1&digits=6&period=30`
const CODES = ['AAAA-1', 'BBBB-2']
const TOKENS = { access_token: 'access-1', refresh_token: 'refresh-1', expires_in: 900 }

/** A server without a captcha, at which `changes` answer otherwise. */
function playing(changes: Readonly<Record<string, Play>> = {}): Play {
  const plays: Record<string, Play> = {
    '/api/captcha/altcha?action=login': () => refusal(404, 'not_found', 'this server makes no challenges'),
    '/api/login': () => json(TOKENS),
    '/api/account/second-factor/totp': () => json({ secret: SECRET, uri: URI }),
    '/api/account/second-factor/totp/confirm': ({ body }) =>
      body?.includes('123456') ? json({ recovery_codes: CODES }) : refusal(401, 'wrong_code', 'The code is wrong.'),
    '/api/account/second-factor/totp/remove': () => ({ status: 204 }),
    '/api/account/second-factor/recovery-codes': () => json({ recovery_codes: CODES }),
    '/api/logout': () => ({ status: 204 }),
    ...changes
  }
  return (request, number) => plays[request.path]?.(request, number) ?? { status: 404 }
}

/** The command with somebody at the terminal who answers each question as it comes. */
async function answering(
  words: string[],
  answers: readonly (readonly [question: string, typed: string])[],
  options: TestOptions = {}
) {
  const t = createTestContext({ play: playing(), stderrTty: true, ...options })
  const keyboard = t.facts.io.streams.stdin as PassThrough
  const done = runToExitCode(['account', 'second-factor', ...words], t.facts)
  let isOver = false
  void done.finally(() => {
    isOver = true
  })
  let seen = 0
  for (const [question, typed] of answers) {
    for (;;) {
      const at = t.stderr().indexOf(question, seen)
      if (at >= 0) {
        seen = at + question.length
        break
      }
      if (isOver) throw new Error(`ended before "${question}": ${t.stderr()}`)
      await settle()
    }
    keyboard.write(typed)
  }
  const exit = await done
  const asked = (path: string) => t.server.requests.filter((request) => request.path === path)
  return { ...t, exit, out: t.stdout(), err: t.stderr(), asked }
}

const NAME = ['e-mail: ', 'ann\r'] as const
const PASSWORD = ['(not shown): ', 'correct horse\r'] as const
const keyOf = (request: WireRequest | undefined) => request?.headers['x-api-key']
const bodyOf = (request: WireRequest | undefined) => JSON.parse(request?.body ?? '{}')

test('an app is set up: signed in for this alone, the code to scan, recovery codes on stdout, signed out', async () => {
  const t = await answering(['enable'], [NAME, PASSWORD, ['shows: ', '000000\r'], ['shows: ', '123456\r']])
  expect({ exit: t.exit, out: t.out }).toEqual({ exit: 0, out: 'AAAA-1\nBBBB-2\n' })
  expect(bodyOf(t.asked('/api/login')[0])).toEqual({ name: 'ann', password: 'correct horse' })
  expect(t.err).toContain('JBSW Y3DP')
  expect(t.err).toContain('The code is wrong.')
  expect(t.err).not.toContain('correct horse')
  expect(scanQr(t.err)).toBe(SCANNED)
  // White on black by its own colours, whatever the terminal's are.
  expect(t.err).toContain('\u001b[38;5;231;48;5;16m█')
  expect(keyOf(t.asked('/api/account/second-factor/totp')[0])).toBe('access-1')
  expect(t.asked('/api/logout').map(keyOf)).toEqual(['access-1'])
})

test('without colours the code is light on dark, which a phone reads', async () => {
  const env = { NO_COLOR: '1' }
  const t = await answering(['enable'], [NAME, PASSWORD, ['shows: ', '123456\r']], { env })
  expect(t.err).not.toContain('48;5;16')
  expect(scanQr(t.err)).toBe(SCANNED)
})

test('Ctrl-C at a question ends the sign-in, too', async () => {
  const t = await answering(['enable'], [NAME, PASSWORD, ['shows: ', '\u0003']])
  expect({ exit: t.exit, out: t.out }).toEqual({ exit: 130, out: '' })
  expect(t.asked('/api/logout')).toHaveLength(1)
})

test('Ctrl-C before the sign-in asks nothing of the server', async () => {
  const t = await answering(['disable'], [NAME, ['(not shown): ', 'corr\u0003']])
  expect({ exit: t.exit, requests: t.server.requests.length }).toEqual({ exit: 130, requests: 0 })
})

test('a refusal ends the sign-in, too', async () => {
  const play = playing({
    '/api/account/second-factor/totp': () => refusal(409, 'conflict', 'turn it off first')
  })
  const t = await answering(['enable'], [NAME, PASSWORD], { play })
  expect(t.err).toContain('turn it off first')
  expect(t.exit).not.toBe(0)
  expect(t.asked('/api/logout')).toHaveLength(1)
})

test('a second factor is asked for, and a recovery code is known from a code', async () => {
  const second: Play = ({ body }) =>
    body?.includes('recovery_code') ? json(TOKENS) : refusal(401, 'wrong_code', 'The code is wrong.')
  const play = playing({ '/api/login': () => json({ second_factor: 'ticket-1' }), '/api/login/second': second })
  const asked = [NAME, PASSWORD, ['recovery code: ', '111 222\r'], ['recovery code: ', 'AAAA-1\r']] as const
  const t = await answering(['disable'], asked, { play })
  expect(t.exit).toBe(0)
  expect(t.asked('/api/login/second').map(bodyOf)).toEqual([
    { ticket: 'ticket-1', code: '111222' },
    { ticket: 'ticket-1', recovery_code: 'AAAA-1' }
  ])
  expect(t.asked('/api/account/second-factor/totp/remove')).toHaveLength(1)
})

test('a fresh proof is given by the password that was typed', async () => {
  let isProven = false
  const play = playing({
    '/api/step-up': () => {
      isProven = true
      return { status: 204 }
    },
    '/api/account/second-factor/recovery-codes': () =>
      isProven ? json({ recovery_codes: CODES }) : refusal(403, 'step_up', 'this needs a fresh proof')
  })
  const t = await answering(['recovery-codes'], [NAME, PASSWORD], { play })
  expect({ exit: t.exit, out: t.out }).toEqual({ exit: 0, out: 'AAAA-1\nBBBB-2\n' })
  expect(bodyOf(t.asked('/api/step-up')[0])).toEqual({ password: 'correct horse' })
})

test('who takes a quarter of an hour is signed in still', async () => {
  const play = playing({ '/api/refresh': () => json({ ...TOKENS, access_token: 'access-2' }) })
  const t = createTestContext({ play, stderrTty: true })
  const keyboard = t.facts.io.streams.stdin as PassThrough
  const done = runToExitCode(['account', 'second-factor', 'enable'], t.facts)
  const seen = async (text: string) => {
    while (!t.stderr().includes(text)) await settle()
  }
  keyboard.write('ann\rcorrect horse\r')
  await seen('shows: ')
  expect(t.stderr()).not.toContain('correct horse')
  await t.clock.advance(16 * 60_000)
  keyboard.write('123456\r')
  expect(await done).toBe(0)
  const sent = t.server.requests.map((request) => `${keyOf(request)} ${request.path}`)
  expect(sent.slice(-3)).toEqual([
    'access-1 /api/refresh',
    'access-2 /api/account/second-factor/totp/confirm',
    'access-2 /api/logout'
  ])
})

test('a captcha that only a browser shows sends there', async () => {
  const play = playing({ '/api/login': () => refusal(400, 'invalid_request', 'captcha: is missing') })
  const t = await answering(['enable'], [NAME, PASSWORD], { play })
  expect(t.err).toMatch(/only a browser can show: do it at https?:\/\/\S+\/account\/security/)
  expect(t.asked('/api/logout')).toHaveLength(0)
})

test('it needs a terminal, and a password to stand beside', async () => {
  const piped = await answering(['enable'], [], { stdin: 'ann\nsecret\n' })
  expect({ exit: piped.exit, requests: piped.server.requests.length }).toEqual({ exit: 2, requests: 0 })
  expect(piped.err).toContain('needs a terminal')
  const local = await answering(['enable', '--local'], [])
  expect({ exit: local.exit, requests: local.server.requests.length }).toEqual({ exit: 2, requests: 0 })
  expect(local.err).toContain('there is no password')
})

test('what is asked for is shown, and the names of passkeys cannot move the cursor', async () => {
  const passkeys = [{ id: 'p', name: 'my \u001b[2Jkey', created_at: '2026-11-01T00:00:00Z', last_used_at: null }]
  const play = playing({
    '/api/account/second-factor': () => json({ totp: true, passkeys, recovery_codes_left: 9 })
  })
  const t = await answering(['show'], [], { play })
  expect(t.out).toMatch(/^authenticator app\s+on$/m)
  expect(t.out).toMatch(/^recovery codes\s+9 left$/m)
  expect(t.out).not.toContain('\u001b')
})
