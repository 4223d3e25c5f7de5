import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type PageVisitor, pageVisitor } from '../src/testing/page-visitor.js'
import { person, type SessionTokens } from '../src/testing/people.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

// OWASP ASVS 5.0, chapter 10: refresh tokens, and what a device is let in for.
let t: TestServer
let browser: PageVisitor
let grace: ReturnType<typeof person>

beforeEach(async () => {
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off' } })
  browser = pageVisitor(t)
  grace = person(t)
  await browser.register('grace')
})
afterEach(() => t.close())

const form = (path: string, fields: Record<string, string>) =>
  fetch(t.url + path, { method: 'POST', body: new URLSearchParams(fields) })
const signIn = () => grace.answer<SessionTokens>(grace.login())
const refresh = (token: string) => grace.post('/api/refresh', { refresh_token: token })
const look = async (token: string) => (await grace.call('GET', '/api/account', undefined, token)).status

interface Code {
  readonly device_code: string
  readonly user_code: string
}
const ask = async (fields: Record<string, string> = {}) =>
  (await (await form('/api/device/code', { client_id: 'caicaini', device_name: 'laptop', ...fields })).json()) as Code
const poll = async ({ device_code }: Code) => {
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
  const response = await form('/api/device/token', { grant_type, device_code, client_id: 'caicaini' })
  return (await response.json()) as { access_token?: string; error?: string }
}
const open = async ({ user_code: code }: Code) => {
  const text = await (await browser.submit('/device', { code })).text()
  return { text, id: /action="\/device\/(dev_\w+)"/.exec(text)?.[1] ?? '' }
}

describe('a refresh token', () => {
  test('10.4.5 that comes a second time ends all that came of that sign-in, and nothing else', async () => {
    const [stolen, other] = [await signIn(), await signIn()]
    const next = await grace.answer<SessionTokens>(refresh(stolen.refresh_token))
    const last = await grace.answer<SessionTokens>(refresh(next.refresh_token))
    t.clock.advance({ seconds: 31 })
    expect((await refresh(stolen.refresh_token)).status).toBe(401)
    expect((await refresh(last.refresh_token)).status).toBe(401)
    expect(await look(last.access_token)).toBe(401)
    expect(await look(other.access_token)).toBe(200)
  })

  test('10.4.5 of many who bring one at once all get the same successor', async () => {
    const { refresh_token } = await signIn()
    const all = await Promise.all(Array.from({ length: 8 }, () => grace.answer<SessionTokens>(refresh(refresh_token))))
    expect(new Set(all.map((each) => each.refresh_token)).size).toBe(1)
  })

  test('10.4.8 is good for 90 days in all, and refreshing does not put that off', async () => {
    let { refresh_token } = await signIn()
    for (let i = 0; i < 3; i++) {
      t.clock.advance({ days: 29 })
      refresh_token = (await grace.answer<SessionTokens>(refresh(refresh_token))).refresh_token
    }
    t.clock.advance({ days: 3 })
    expect((await refresh(refresh_token)).status).toBe(401)
  })

  test('10.4.9 is revoked by its owner from another browser, and so is a device’s key', async () => {
    const lost = await signIn()
    const code = await ask()
    await browser.submit(`/device/${(await open(code)).id}`, { decision: 'approve' })
    const { access_token: key = '' } = await poll(code)
    expect((await t.get<{ account: { username: string } }>('/api/keys/self', key)).account.username).toBe('grace')
    await browser.submit('/account/sessions/end-others')
    expect((await refresh(lost.refresh_token)).status).toBe(401)
    const { access_token } = await signIn()
    const listed = grace.call('GET', '/api/keys', undefined, access_token)
    const { keys } = await grace.answer<{ keys: { id: string }[] }>(listed)
    expect((await grace.post(`/api/keys/${keys[0]?.id}/revoke`, {}, access_token)).status).toBe(200)
    expect((await grace.call('GET', '/api/keys/self', undefined, key)).status).toBe(401)
  })
})

describe('letting a device in', () => {
  test('10.7.1 is asked every time, also of a program that was let in before', async () => {
    for (let i = 0; i < 2; i++) {
      const code = await ask()
      const { id } = await open(code)
      expect(id).not.toBe('')
      expect(await poll(code)).toMatchObject({ error: 'authorization_pending' })
      await browser.submit(`/device/${id}`, { decision: 'approve' })
      t.clock.advance({ seconds: 5 })
      expect(await poll(code)).toHaveProperty('access_token')
    }
  })

  test('10.7.1 opening a link that has the code lets nobody in', async () => {
    const code = await ask()
    expect((await browser.send(`/device?code=${code.user_code}`)).status).toBe(200)
    expect(await poll(code)).toMatchObject({ error: 'authorization_pending' })
  })

  test('10.7.2 says what asks, on which device, from where, for whom, for what and how much', async () => {
    const further = { purpose: 'key', key_name: 'ci', scope: 'api', quota: '12.5', quota_period: 'month' }
    const { text } = await open(await ask(further))
    for (const said of [
      'caicaini',
      'laptop',
      'this machine',
      'grace',
      '“ci”',
      'at most 12.5 credits',
      'answer requests'
    ])
      expect(text).toContain(said)
    const cli = await open(await ask({ device_name: '<b>bold</b>' }))
    expect(cli.text).toContain('revoke your keys')
    expect(cli.text).not.toContain('<b>bold')
  })
})
