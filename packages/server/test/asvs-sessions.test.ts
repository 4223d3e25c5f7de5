import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pageVisitor } from '../src/testing/page-visitor.js'
import { PASSWORD, person, type SessionTokens } from '../src/testing/people.js'
import { refusal } from '../src/testing/refusal.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

// OWASP ASVS 5.0, chapter 7: sessions.
let t: TestServer
let grace: ReturnType<typeof person>
let tokens: SessionTokens

beforeEach(async () => {
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off' } })
  grace = person(t)
  tokens = await grace.register()
})
afterEach(() => t.close())

const look = async (token: string) => (await grace.call('GET', '/api/account', undefined, token)).status
const refresh = (token: string) => grace.post('/api/refresh', { refresh_token: token })
const signIn = () => grace.answer<SessionTokens>(grace.login())
const isOver = async ({ access_token, refresh_token }: SessionTokens) =>
  (await look(access_token)) === 401 && (await refresh(refresh_token)).status === 401
const needsProof = async (asked: Promise<Response>) => {
  expect(await refusal(await asked)).toMatchObject({ status: 403, error: { code: 'step_up' } })
}

describe('a token', () => {
  test('7.2.1 7.2.3 is random, of 256 bits, and known to the server alone', async () => {
    const all = [tokens, await signIn(), await signIn()].flatMap((each) => [each.access_token, each.refresh_token])
    for (const each of all) expect(each).toMatch(/^cai_(access|refresh)_[\w-]{43}$/)
    expect(new Set(all).size).toBe(all.length)
    const forged = `${tokens.access_token.slice(0, -1)}${tokens.access_token.endsWith('A') ? 'B' : 'A'}`
    expect(await look(forged)).toBe(401)
  })

  test('7.2.4 is new with every sign-in, and the one that the browser had is over', async () => {
    const browser = pageVisitor(t)
    await browser.login('grace')
    const before = new Map(browser.jar)
    await browser.login('grace')
    for (const [name, value] of before) expect(browser.jar.get(name)).not.toBe(value)
    const access = before.get('caicaini_access') ?? ''
    expect(await isOver({ access_token: access, refresh_token: before.get('caicaini_refresh') ?? '' })).toBe(true)
    expect(await browser.isIn()).toBe(true)
  })

  test('7.2.4 a sign-in that fails leaves the session as it was', async () => {
    const browser = pageVisitor(t)
    await browser.login('grace')
    expect((await browser.login('grace', 'not it at all')).status).toBe(401)
    expect(await browser.isIn()).toBe(true)
  })

  test('7.2.4 is new after a fresh proof, and one that was stolen before proves nothing', async () => {
    const browser = pageVisitor(t)
    await browser.login('grace')
    const stolen = browser.jar.get('caicaini_access') ?? ''
    const stolenRefresh = browser.jar.get('caicaini_refresh') ?? ''
    expect((await browser.submit('/step-up', { password: 'not it at all' })).status).toBe(401)
    expect(browser.jar.get('caicaini_access')).toBe(stolen)
    expect((await browser.submit('/step-up', { password: PASSWORD, next: '/account/keys' })).status).toBe(303)
    expect(browser.jar.get('caicaini_access')).not.toBe(stolen)
    expect(await look(stolen)).toBe(401)
    expect(await browser.isIn()).toBe(true)
    t.clock.advance({ seconds: 31 })
    expect((await refresh(stolenRefresh)).status).toBe(401)
    expect(await browser.isIn()).toBe(false)
  })

  // A program holds its tokens itself: POST /api/step-up answers 204, and the next refresh changes both.
  test('7.2.4 of a program is new with its next refresh, at most 15 minutes after a fresh proof', async () => {
    expect((await grace.post('/api/step-up', { password: PASSWORD }, tokens.access_token)).status).toBe(204)
    const next = await grace.answer<SessionTokens>(refresh(tokens.refresh_token))
    expect(next.access_token).not.toBe(tokens.access_token)
    expect(await look(tokens.access_token)).toBe(401)
    t.clock.advance({ minutes: 15 })
    expect(await look(next.access_token)).toBe(401)
  })
})

describe('a session', () => {
  test('7.3.1 ends when it was not used for 30 days', async () => {
    t.clock.advance({ days: 29 })
    const next = await grace.answer<SessionTokens>(refresh(tokens.refresh_token))
    t.clock.advance({ days: 31 })
    expect((await refresh(next.refresh_token)).status).toBe(401)
  })

  test('7.3.2 ends after 90 days, however much it is used', async () => {
    let { refresh_token } = tokens
    for (let day = 20; day <= 80; day += 20) {
      t.clock.advance({ days: 20 })
      ;({ refresh_token } = await grace.answer<SessionTokens>(refresh(refresh_token)))
    }
    t.clock.advance({ days: 10 })
    expect((await refresh(refresh_token)).status).toBe(401)
  })

  test('7.4.1 is over once its owner signs out, for all its tokens', async () => {
    expect((await grace.post('/api/logout', {}, tokens.access_token)).status).toBe(204)
    expect(await isOver(tokens)).toBe(true)
    const browser = pageVisitor(t)
    await browser.login('grace')
    const stolen = browser.jar.get('caicaini_access') ?? ''
    expect((await browser.submit('/logout')).status).toBe(303)
    expect([...browser.jar.keys()]).toEqual([])
    expect(await look(stolen)).toBe(401)
  })

  test('7.4.2 is over once the account is disabled, and keys with it', async () => {
    const { key } = await grace.answer<{ key: string }>(grace.post('/api/keys', { name: 'k' }, tokens.access_token))
    await t.local('POST', '/admin/api/users/grace/suspend', { reason: 'shared its key.' })
    expect((await grace.call('GET', '/api/account', undefined, tokens.access_token)).ok).toBe(false)
    expect((await refresh(tokens.refresh_token)).ok).toBe(false)
    expect((await grace.call('GET', '/api/keys/self', undefined, key)).status).toBe(403)
    expect((await grace.login()).ok).toBe(false)
    await t.local('POST', '/admin/api/users/grace/unsuspend', { reason: 'did not.' })
    expect(await isOver(tokens)).toBe(true)
  })
})

describe('other sessions', () => {
  test('7.4.3 end with a change of the password', async () => {
    const others = [await signIn(), await signIn()]
    const change = { current: PASSWORD, password: 'another thing of mine' }
    expect((await grace.post('/api/account/password', change, tokens.access_token)).status).toBe(204)
    for (const each of others) expect(await isOver(each)).toBe(true)
    expect(await look(tokens.access_token)).toBe(200)
  })

  test('7.4.3 all end with a reset', async () => {
    await grace.post('/api/password/reset', { name: 'grace' })
    const token = t.letters.tokenOf(await t.letters.next('choose a new password'))
    await grace.post('/api/password/reset/confirm', { token, password: 'another thing of mine' })
    expect(await isOver(tokens)).toBe(true)
  })

  test('7.4.3 prove nothing once a factor was added, and can be ended by whoever added it', async () => {
    const other = await signIn()
    await grace.withApp(tokens.access_token)
    await needsProof(grace.post('/api/keys', { name: 'k' }, other.access_token))
    await needsProof(grace.post('/api/account/second-factor/totp/remove', {}, other.access_token))
    expect((await grace.post('/api/account/sessions/end-others', {}, tokens.access_token)).status).toBe(204)
    expect(await isOver(other)).toBe(true)
  })

  test('7.5.1 nobody changes the address or a factor, or mints a key, without a proof of ten minutes', async () => {
    t.clock.advance({ minutes: 10, seconds: 1 })
    const { access_token } = tokens
    // The browser is open longer than its proof lasts.
    const post = (path: string, body: object = {}) => grace.post(path, body, access_token)
    await needsProof(post('/api/account/email', { email: 'hopper@example.org' }))
    for (const path of ['totp', 'totp/remove', 'recovery-codes'])
      await needsProof(post(`/api/account/second-factor/${path}`))
    await needsProof(post('/api/account/passkeys/options'))
    await needsProof(post('/api/keys', { name: 'k' }))
    await needsProof(grace.call('DELETE', '/api/account/passkeys/pk_x', undefined, access_token))
  })

  test('7.5.1 the page that closes an account asks again too', async () => {
    const browser = pageVisitor(t)
    await browser.login('grace')
    t.clock.advance({ minutes: 11 })
    for (const path of ['/account/close', '/account/email', '/account/security'])
      expect((await browser.send(path)).headers.get('location') ?? path).toMatch(/^\/(step-up|account\/security)/)
    const closing = await browser.submit('/account/close', { username: 'grace' })
    expect(closing.headers.get('location')).toMatch(/^\/step-up/)
    expect(await browser.isIn()).toBe(true)
  })

  test('7.5.2 are listed, and ended: one, or all but this', async () => {
    const others = [await signIn(), await signIn()]
    const list = async () =>
      (
        await grace.answer<{ sessions: { id: string; current: boolean }[] }>(
          grace.call('GET', '/api/account/sessions', undefined, tokens.access_token)
        )
      ).sessions
    const one = (await list()).find(({ current }) => !current)?.id
    expect((await grace.post(`/api/account/sessions/${one}/end`, {}, tokens.access_token)).status).toBe(204)
    expect(await list()).toHaveLength(2)
    const browser = pageVisitor(t)
    await browser.login('grace')
    expect(await (await browser.send('/account')).text()).toContain('/account/sessions/end-others')
    await browser.submit('/account/sessions/end-others')
    for (const each of [tokens, ...others]) expect(await isOver(each)).toBe(true)
    expect(await browser.isIn()).toBe(true)
  })
})
