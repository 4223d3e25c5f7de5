import { AppError } from '@caicaini/protocol'
import { expect, test } from 'vitest'
import { silentLog } from '../lib/log.js'
import { readCaptchaKeys } from './config.js'
import { createTurnstile } from './turnstile.js'

const good = { success: true, hostname: 'llm.example.org', action: 'login' }

function turnstile(answer: object | Error, { isTest = false } = {}) {
  const asked: { url: string; body: Record<string, string> }[] = []
  const fetch = (async (url: string, init: { body: string }) => {
    asked.push({ url, body: JSON.parse(init.body) })
    if (answer instanceof Error) throw answer
    return Response.json(answer)
  }) as unknown as typeof globalThis.fetch
  const site = { publicUrl: 'https://llm.example.org' }
  return { asked, captcha: createTurnstile({ fetch, log: silentLog, siteKey: 'key', secret: 'secret', isTest, site }) }
}

const outcome = async (answer: object | Error, token: string | undefined = 'token', options = {}) =>
  turnstile(answer, options)
    .captcha.require('login', { token, address: '192.0.2.7' })
    .then(
      () => 'passes',
      (error) => (error instanceof AppError ? error.code : 'bug')
    )

test('asks Cloudflare with the secret, the answer and who gave it', async () => {
  const { captcha, asked } = turnstile(good)
  await captcha.require('login', { token: 'token', address: '192.0.2.7' })
  expect(asked).toEqual([
    {
      url: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
      body: { secret: 'secret', response: 'token', remoteip: '192.0.2.7' }
    }
  ])
})

test.each([
  ['a fresh answer', good, 'passes'],
  ['of another site', { ...good, hostname: 'evil.example' }, 'invalid_request'],
  ['for another action', { ...good, action: 'register' }, 'invalid_request'],
  ['used before', { success: false, 'error-codes': ['timeout-or-duplicate'] }, 'invalid_request'],
  ['made up', { success: false, 'error-codes': ['invalid-input-response'] }, 'invalid_request'],
  ['with a wrong secret of ours', { success: false, 'error-codes': ['invalid-input-secret'] }, 'overloaded'],
  ['when Cloudflare fails', { success: false, 'error-codes': ['internal-error'] }, 'overloaded'],
  ['when nobody answers', new DOMException('late', 'TimeoutError'), 'overloaded'],
  ['when the answer says nothing', {}, 'overloaded']
])('%s', async (_, answer, expected) => {
  expect(await outcome(answer)).toBe(expected)
})

test('none, and one that is too long, are refused unasked', async () => {
  const { captcha, asked } = turnstile(good)
  for (const token of [undefined, '', 'x'.repeat(2049)])
    await expect(captcha.require('login', { token, address: null })).rejects.toThrow('captcha: is missing')
  expect(asked).toEqual([])
})

test('Cloudflare’s secrets for tests name no site; a public server refuses to start with them', async () => {
  expect(
    await outcome({ success: true, hostname: 'example.com', action: 'test' }, 'XXXX.DUMMY.TOKEN.XXXX', { isTest: true })
  ).toBe('passes')
  const env = {
    CAICAINI_CAPTCHA: 'turnstile',
    CAICAINI_TURNSTILE_SITE_KEY: '1x00000000000000000000AA',
    CAICAINI_TURNSTILE_SECRET: '1x0000000000000000000000000000000AA'
  }
  expect(readCaptchaKeys(env).turnstile?.isTest).toBe(true)
  expect(() => readCaptchaKeys({ ...env, CAICAINI_PUBLIC_URL: 'https://llm.example.org' })).toThrow('is one for tests')
  expect(() => readCaptchaKeys({ CAICAINI_CAPTCHA: 'turnstile' })).toThrow('needs both')
})
