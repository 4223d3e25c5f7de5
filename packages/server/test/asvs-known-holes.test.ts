import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pageVisitor } from '../src/testing/page-visitor.js'
import { person, type SessionTokens } from '../src/testing/people.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

// Holes that were published of a library that does the same things (better-auth), as tests of ours.
let t: TestServer
let grace: ReturnType<typeof person>

beforeEach(async () => {
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off' } })
  grace = person(t)
})
afterEach(() => t.close())

// CVE-2025-61928: whoever sent a user's id got a key of theirs, without being signed in.
describe('a key for another account', () => {
  test.each(['user_id', 'userId', 'account_id', 'accountId', 'username', 'owner'])(
    'is not had by naming it as %s',
    async (field) => {
      const { access_token } = await grace.register()
      const victim = grace.call('GET', '/api/account', undefined, access_token)
      const { id } = await grace.answer<{ id: string }>(victim)
      const mallory = (await person(t, 'mallory').register()).access_token
      for (const value of [id, 'grace']) {
        const body = { name: 'k', [field]: value }
        expect((await grace.post('/api/keys', body)).status).toBe(401)
        expect((await grace.post('/api/keys', body, mallory)).status).toBe(400)
        const asked = await grace.post(`/api/keys?${field}=${value}`, { name: 'k' }, mallory)
        if (asked.ok) await isOf(asked, 'mallory')
        else expect(asked.status).toBe(403)
      }
      const listed = grace.call('GET', '/api/keys', undefined, access_token)
      expect(await grace.answer(listed)).toEqual({ keys: [] })
    }
  )

  async function isOf(made: Response, username: string): Promise<void> {
    const { key } = (await made.json()) as { key: string }
    expect((await t.get<{ account: { username: string } }>('/api/keys/self', key)).account.username).toBe(username)
  }
})

// GHSA-xg6x-h9c9-2m83: a session that was kept from before the second factor was as good as one with it.
describe('the second factor', () => {
  test('is not gone around by what the password alone gave', async () => {
    await grace.withApp((await grace.register()).access_token)
    const browser = pageVisitor(t)
    await browser.login('grace')
    expect([...browser.jar.keys()]).toEqual(['caicaini_ticket'])
    const ticket = browser.jar.get('caicaini_ticket') ?? ''
    for (const name of ['caicaini_access', 'caicaini_refresh']) browser.jar.set(name, ticket)
    expect(await browser.isIn()).toBe(false)
    expect((await grace.call('GET', '/api/account', undefined, ticket)).status).toBe(401)
    expect((await grace.post('/api/refresh', { refresh_token: ticket })).status).toBe(401)
  })

  test('is asked for by a session that was there before it, refreshed or not', async () => {
    const { access_token } = await grace.register()
    const kept = await grace.answer<SessionTokens>(grace.login())
    const browser = pageVisitor(t)
    await browser.login('grace')
    await grace.withApp(access_token)
    const next = await grace.answer<SessionTokens>(grace.post('/api/refresh', { refresh_token: kept.refresh_token }))
    expect((await grace.post('/api/keys', { name: 'k' }, next.access_token)).status).toBe(403)
    expect((await browser.send('/account/email')).headers.get('location')).toMatch(/^\/step-up/)
    expect((await grace.post('/api/step-up', { password: 'a compiler of my own' }, next.access_token)).status).toBe(400)
  })

  test('is asked for again after the session ended, whatever the browser kept', async () => {
    const app = await grace.withApp((await grace.register()).access_token)
    t.clock.advance({ seconds: 30 })
    const browser = pageVisitor(t)
    await browser.login('grace')
    await browser.submit('/login/second', { code: app.code() })
    const kept = new Map(browser.jar)
    await browser.submit('/logout')
    for (const [name, value] of kept) browser.jar.set(name, value)
    expect(await browser.isIn()).toBe(false)
  })
})

// CVE-2026-45364: limits counted whole IPv6 addresses, of which everybody has 2^64.
describe('a network', () => {
  const guess = async (name: string, from: string) => {
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': from }
    const body = JSON.stringify({ name, password: 'not it at all' })
    return (await fetch(`${t.url}/api/login`, { method: 'POST', body, headers })).status
  }
  test('of IPv6 addresses counts as one, however they are written', async () => {
    const written = (i: number) =>
      [`2001:db8:1:2::${i}`, `2001:0DB8:1:2:${i}:0:0:1`, `[2001:db8:1:2:ffff::${i}]:4711`][i % 3]
    for (let i = 0; i < 11; i++) expect(await guess(`name${i}`, written(i) ?? '')).toBe(401)
    expect(await guess('another', '2001:db8:1:2:aaaa:bbbb:cccc:dddd')).toBe(429)
    expect(await guess('another', '2001:db8:1:3::1')).toBe(401)
  })

  test('of IPv4 is its address, also where that is written as IPv6', async () => {
    const written = ['198.51.100.7', '::ffff:198.51.100.7', '::ffff:c633:6407']
    for (let i = 0; i < 11; i++) expect(await guess(`name${i}`, written[i % 3] ?? '')).toBe(401)
    expect(await guess('another', '198.51.100.7')).toBe(429)
    expect(await guess('another', '198.51.100.8')).toBe(401)
  })
})

// CVE-2026-45337: any session could approve a device that another had been asked about.
describe('a device', () => {
  const ask = async () => {
    const body = new URLSearchParams({ client_id: 'caicaini', device_name: 'laptop' })
    const response = await fetch(`${t.url}/api/device/code`, { method: 'POST', body })
    return (await response.json()) as { device_code: string; user_code: string }
  }
  const poll = async (device_code: string) => {
    const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
    const body = new URLSearchParams({ grant_type, device_code, client_id: 'caicaini' })
    return (await (await fetch(`${t.url}/api/device/token`, { method: 'POST', body })).json()) as object
  }

  test('is let in, or refused, by the browser that opened its code and by no other, of no account', async () => {
    const [mine, second, other] = [pageVisitor(t), pageVisitor(t), pageVisitor(t)]
    await mine.register('grace')
    await second.login('grace')
    await other.register('mallory')
    const { device_code, user_code } = await ask()
    const text = await (await mine.submit('/device', { code: user_code })).text()
    const path = /action="(\/device\/dev_\w+)"/.exec(text)?.[1] ?? ''
    for (const browser of [second, other]) {
      for (const decision of ['approve', 'deny']) expect((await browser.submit(path, { decision })).status).toBe(404)
      expect((await browser.submit('/device', { code: user_code })).status).toBe(404)
    }
    expect(await poll(device_code)).toMatchObject({ error: 'authorization_pending' })
    expect((await mine.submit(path, { decision: 'approve' })).status).toBe(200)
    t.clock.advance({ seconds: 5 })
    expect(await poll(device_code)).toHaveProperty('access_token')
  })

  test('whose code nobody opened is decided by nobody, and a code is decided once', async () => {
    const browser = pageVisitor(t)
    await browser.register('grace')
    expect((await browser.submit('/device/dev_0123', { decision: 'approve' })).status).toBe(404)
    const { user_code } = await ask()
    const text = await (await browser.submit('/device', { code: user_code })).text()
    const path = /action="(\/device\/dev_\w+)"/.exec(text)?.[1] ?? ''
    expect((await browser.submit(path, { decision: 'deny' })).status).toBe(200)
    expect((await browser.submit(path, { decision: 'approve' })).ok).toBe(false)
  })
})
