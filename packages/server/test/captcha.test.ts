import { type Challenge, solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { refusal } from '../src/testing/refusal.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

let t: TestServer
beforeEach(async () => {
  t = await createTestServer()
})
afterEach(() => t.close())

const challengeFor = async (action: string) =>
  (await (await fetch(`${t.url}/api/captcha/altcha?action=${action}`)).json()) as Challenge

async function answerTo(challenge: Challenge): Promise<string> {
  const solution = await solveChallenge({ challenge, deriveKey })
  return Buffer.from(JSON.stringify({ challenge, solution })).toString('base64')
}

const login = (captcha?: string) =>
  fetch(`${t.url}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'nobody', password: 'nothing much', captcha })
  })
/** Past the captcha a sign-in fails for its own reason. */
const codeOf = async (captcha?: string) => (await refusal(await login(captcha))).error.code

describe('altcha', () => {
  test('an answer is good once', async () => {
    const answer = await answerTo(await challengeFor('login'))
    expect(await codeOf(answer)).toBe('sign_in_failed')
    expect(await refusal(await login(answer))).toMatchObject({
      status: 400,
      error: { message: expect.stringContaining('captcha: is missing, too old or used before') }
    })
  })

  test('of many that bring one answer at once, one is let in', async () => {
    const answer = await answerTo(await challengeFor('login'))
    const codes = await Promise.all(Array.from({ length: 8 }, () => codeOf(answer)))
    expect(codes.filter((code) => code === 'sign_in_failed')).toHaveLength(1)
  })

  test('for another action, too old, unsolved, changed, or none is refused', async () => {
    expect(await codeOf()).toBe('invalid_request')
    expect(await codeOf('!')).toBe('invalid_request')
    expect(await codeOf(await answerTo(await challengeFor('register')))).toBe('invalid_request')

    const challenge = await challengeFor('login')
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64')
    expect(await codeOf(encode({ challenge, solution: { counter: 1, derivedKey: '00'.repeat(32), time: 1 } }))).toBe(
      'invalid_request'
    )
    const { parameters, signature } = challenge
    const easy = { ...parameters, cost: 1, keyPrefix: '00' }
    expect(await codeOf(await answerTo({ parameters: easy, ...(signature && { signature }) }))).toBe('invalid_request')
    const other = { ...parameters, data: { ...parameters.data, action: 'login', expires_ms: Number.MAX_SAFE_INTEGER } }
    expect(await codeOf(await answerTo({ parameters: other, ...(signature && { signature }) }))).toBe('invalid_request')

    const late = await answerTo(await challengeFor('login'))
    t.clock.advance({ minutes: 11 })
    expect(await codeOf(late)).toBe('invalid_request')
  })

  test('names what it is for; a server without it makes none', async () => {
    expect((await fetch(`${t.url}/api/captcha/altcha?action=anything`)).status).toBe(400)
    const { parameters } = await challengeFor('reset')
    expect(parameters).toMatchObject({ algorithm: 'PBKDF2/SHA-256', cost: 1000, data: { action: 'reset' } })
    await t.close()
    t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off' } })
    expect((await fetch(`${t.url}/api/captcha/altcha?action=login`)).status).toBe(404)
  })
})

test('turnstile: its pages may load Cloudflare’s script, and no other', async () => {
  await t.close()
  const keys = { CAICAINI_TURNSTILE_SITE_KEY: 'site-key-1', CAICAINI_TURNSTILE_SECRET: '0x4AAAAAAA-secret' }
  const asked: string[] = []
  const ask = (async (url: string) => {
    asked.push(url)
    return Response.json({ success: true, hostname: '127.0.0.1', action: 'login' })
  }) as unknown as typeof fetch
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'turnstile', ...keys }, world: { fetch: ask } })
  const page = await fetch(`${t.url}/login`)
  expect(page.headers.get('content-security-policy')).toContain('frame-src https://challenges.cloudflare.com;')
  const html = await page.text()
  expect(html).toContain('data-sitekey="site-key-1"')
  expect(html).not.toContain(keys.CAICAINI_TURNSTILE_SECRET)
  expect(await codeOf('an answer')).toBe('sign_in_failed')
  expect(asked).toEqual(['https://challenges.cloudflare.com/turnstile/v0/siteverify'])
})
