import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAuthenticator } from '../src/testing/authenticator.js'
import { pageVisitor } from '../src/testing/page-visitor.js'
import { PASSWORD, person } from '../src/testing/people.js'
import { refusal } from '../src/testing/refusal.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

// OWASP ASVS 5.0, chapters 2.4 and 6: how an account is proven.
let t: TestServer
let grace: ReturnType<typeof person>

async function start(env: Record<string, string> = {}, world: object = {}): Promise<void> {
  await t?.close()
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off', ...env }, world })
  grace = person(t)
}
beforeEach(() => start())
afterEach(() => t.close())

const register = (password: string, username = 'linus') =>
  grace.post('/api/register', { username, email: `${username}@example.org`, password, age: 18, terms: '2026-11-21' })
const login = (name: string, password = PASSWORD) => grace.post('/api/login', { name, password })
const resetLink = async () => {
  const count = t.letters.find('choose a new password').length + 1
  await grace.post('/api/password/reset', { name: 'grace' })
  return t.letters.tokenOf(await t.letters.next('choose a new password', { count }))
}
const choose = (token: string, password: string) => grace.post('/api/password/reset/confirm', { token, password })

describe('what a program would do a thousand times', () => {
  test('2.4.1 registering, signing in and asking for a reset take an answer to a challenge', async () => {
    await start({ CAICAINI_CAPTCHA: 'altcha' })
    for (const asked of [
      await register(PASSWORD),
      await login('grace'),
      await grace.post('/api/password/reset', { name: 'grace' })
    ])
      expect(await refusal(asked)).toMatchObject({
        status: 400,
        error: { message: expect.stringMatching(/^captcha: /) }
      })
  })

  test('2.4.1 mails and codes of devices wait for whoever asks too often', async () => {
    const { access_token } = await grace.register()
    const asked = await Promise.all(
      Array.from({ length: 12 }, () => grace.post('/api/account/verify', {}, access_token))
    )
    expect(asked.some(({ status }) => status === 429)).toBe(true)
    const browser = pageVisitor(t)
    await browser.login('grace')
    const codes = []
    for (let i = 0; i < 8; i++) codes.push((await browser.submit('/device', { code: 'BBBB-BBBB' })).status)
    expect(codes.at(-1)).toBe(429)
  })
})

describe('a password', () => {
  test('6.2.1 has at least eight characters', async () => {
    const refused = await refusal(await register('kq7!zpx'))
    expect(refused).toMatchObject({ status: 400, error: { message: expect.stringMatching(/^password: /) } })
    expect((await register('kq7!zpxw')).status).toBe(201)
  })

  test('6.2.2 6.2.3 is changed by who has it, with the present one', async () => {
    const { access_token } = await grace.register()
    const change = (body: object) => grace.post('/api/account/password', body, access_token)
    expect((await change({ password: 'another thing of mine' })).status).toBe(400)
    expect((await change({ current: 'not it at all', password: 'another thing of mine' })).status).toBe(400)
    expect((await change({ current: PASSWORD, password: 'another thing of mine' })).status).toBe(204)
    expect((await login('grace', 'another thing of mine')).status).toBe(200)
  })

  test.each(['password1', 'qwertyuiop', 'iloveyou', '1234567890', 'sunshine'])(
    '6.2.4 %s is too common, wherever one is chosen',
    async (common) => {
      const { access_token } = await grace.register()
      const change = grace.post('/api/account/password', { current: PASSWORD, password: common }, access_token)
      for (const asked of [await register(common), await change, await choose(await resetLink(), common)])
        expect(await refusal(asked)).toMatchObject({
          status: 400,
          error: { message: expect.stringMatching(/^password: /) }
        })
    }
  )

  test.each([
    '        a tab\tand spaces',
    'пароль-из-букв',
    '🔑🗝️🔒🔓🧷🧵🪡🧶',
    "'; drop table account; --",
    'zwnqpvkx'
  ])('6.2.5 may be of any characters: %j', async (password) => {
    expect((await register(password)).status).toBe(201)
    expect((await login('linus', password)).status).toBe(200)
  })

  test('6.2.6 is not shown while it is typed', async () => {
    for (const path of ['/login', '/register'])
      expect(await (await fetch(t.url + path)).text()).toMatch(
        /name="password"[^>]*type="password"|type="password"[^>]*name="password"/
      )
  })

  test('6.2.8 is compared as it was typed: no case, no blank and no end is cut', async () => {
    const password = ` Aa${'ß'.repeat(40)} 0123456789 end `
    expect((await register(password)).status).toBe(201)
    for (const other of [
      password.trim(),
      password.toLowerCase(),
      password.slice(0, -1),
      `${password} `,
      password.slice(0, 50)
    ])
      expect((await login('linus', other)).status).toBe(401)
    t.clock.advance({ minutes: 20 })
    expect((await login('linus', password)).status).toBe(200)
  })

  test('6.2.9 may have 64 characters and more', async () => {
    const password = Array.from({ length: 16 }, (_, i) => `wörd${String.fromCodePoint(97 + i)}zq`)
      .join(' ')
      .slice(0, 128)
    expect([...password].length).toBeGreaterThan(64)
    expect((await register(password)).status).toBe(201)
    expect((await login('linus', password)).status).toBe(200)
    expect((await login('linus', password.slice(0, 72))).status).toBe(401)
  })

  test('6.2.12 is looked up among those that leaked, where the operator says so', async () => {
    const hash = createHash('sha1').update('leaked from elsewhere').digest('hex').toUpperCase()
    await start({ CAICAINI_PWNED_PASSWORDS: 'on' }, { fetch: async () => new Response(`${hash.slice(5)}:7`) })
    expect(await refusal(await register('leaked from elsewhere'))).toMatchObject({
      status: 400,
      error: { message: expect.stringContaining('leaked') }
    })
    expect((await register('never seen anywhere')).status).toBe(201)
  })
})

describe('guessing', () => {
  test('6.3.1 takes longer each time, at once as in a row, and holds up nobody elsewhere', async () => {
    await grace.register()
    const guesses = await Promise.all(Array.from({ length: 30 }, (_, i) => login('grace', `guess number ${i}`)))
    expect(guesses.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(6)
    expect((await login('grace')).status).toBe(429)
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.9' }
    const body = JSON.stringify({ name: 'grace', password: PASSWORD })
    expect((await fetch(`${t.url}/api/login`, { method: 'POST', body, headers })).status).toBe(200)
  })

  test('6.3.8 does not tell who has an account', async () => {
    await grace.register()
    const told = async (response: Response) => ({ ...(await refusal(response)), request_id: '' })
    expect(await told(await login('nobody'))).toEqual(await told(await login('grace', 'not it at all')))
    const asked = ['grace', 'nobody'].map((name) => grace.post('/api/password/reset', { name }))
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([202, 202])
  })
})

describe('ways in', () => {
  test('6.3.4 are alike: page and API both ask for the second factor, and a reset leads around neither', async () => {
    const { codes } = await grace.withApp((await grace.register()).access_token)
    expect(Object.keys((await (await login('grace')).json()) as object)).toEqual(['second_factor'])
    const browser = pageVisitor(t)
    expect((await browser.login('grace')).headers.get('location')).toMatch(/^\/login\/second/)
    expect(await browser.isIn()).toBe(false)
    expect((await browser.submit('/login/second', { recovery_code: codes[0] ?? '' })).status).toBe(303)
    expect(await browser.isIn()).toBe(true)
  })

  test('6.4.1 the link for a forgotten password is good for half an hour', async () => {
    await grace.register()
    const token = await resetLink()
    t.clock.advance({ minutes: 30 })
    expect((await choose(token, 'another thing of mine')).status).toBe(404)
    expect((await choose(await resetLink(), 'another thing of mine')).status).toBe(204)
  })

  test('6.4.3 a reset leaves the second factor as it is', async () => {
    await grace.withApp((await grace.register()).access_token)
    expect((await choose(await resetLink(), 'another thing of mine')).status).toBe(204)
    expect(await (await login('grace', 'another thing of mine')).json()).toHaveProperty('second_factor')
  })
})

describe('a second factor', () => {
  test('6.5.1 each code is good once: of the app, for recovery, of a mailed link', async () => {
    const { code, codes } = await grace.withApp((await grace.register()).access_token)
    t.clock.advance({ seconds: 30 })
    for (const proof of [{ code: code() }, { recovery_code: codes[0] }]) {
      const enter = async () =>
        (await grace.post('/api/login/second', { ticket: await grace.ticket(), ...proof })).status
      expect([await enter(), await enter()]).toEqual([200, 401])
    }
    const link = await resetLink()
    expect((await choose(link, 'another thing of mine')).status).toBe(204)
    expect((await choose(link, 'and yet another one')).status).toBe(404)
  })

  // Links that are mailed prove an address (6.4.1); no mailed code is a factor here.
  test('6.5.5 what is entered elsewhere is good for ten minutes, a code of an app for 90 seconds', async () => {
    const { code } = await grace.withApp((await grace.register()).access_token)
    const typed = code(1)
    t.clock.advance({ minutes: 2 })
    expect((await grace.post('/api/login/second', { ticket: await grace.ticket(), code: typed })).status).toBe(401)
    const ticket = await grace.ticket()
    t.clock.advance({ minutes: 10 })
    expect((await grace.post('/api/login/second', { ticket, code: code() })).status).toBe(401)
    const start = () =>
      fetch(`${t.url}/api/device/code`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: 'x', device_name: 'y' })
      })
    const device = (await (await start()).json()) as { expires_in: number; user_code: string }
    expect(device.expires_in).toBeLessThanOrEqual(600)
  })

  test('6.6.2 a challenge is bound to the sign-in that it was asked for', async () => {
    const { access_token } = await grace.register()
    const key = createAuthenticator(t.url)
    type Asked = Parameters<typeof key.create>[0]
    const options = await grace.answer<Asked>(grace.post('/api/account/passkeys/options', {}, access_token))
    await grace.answer(
      grace.post('/api/account/passkeys', { name: 'laptop', passkey: key.create(options) }, access_token)
    )
    const [one, other] = [await grace.ticket(), await grace.ticket()]
    const asked = await grace.answer<Asked>(grace.post('/api/login/passkey/options', { ticket: one }))
    const passkey = key.get(asked as never)
    expect((await grace.post('/api/login/second', { ticket: other, passkey })).status).toBe(401)
    expect((await grace.post('/api/step-up', { passkey }, access_token)).status).toBe(401)
  })

  test('6.6.3 codes are not guessed: tries are few, and count by account', async () => {
    await grace.withApp((await grace.register()).access_token)
    const tickets: string[] = []
    while (tickets.length < 20) tickets.push(await grace.ticket())
    const all = await Promise.all(tickets.map((ticket) => grace.post('/api/login/second', { ticket, code: '000000' })))
    expect(all.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(6)
    expect(all.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(14)
  })
})
