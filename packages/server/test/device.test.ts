import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestServer, type TestServer } from '../src/testing/server.js'

let t: TestServer
let cookie: string

beforeEach(async () => {
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off' } })
  cookie = await signIn('grace')
})
afterEach(() => t.close())

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

async function form(
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {}
): Promise<Response> {
  return fetch(t.url + path, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' })
}

/** A browser: what it is given, it sends. */
async function signIn(username: string): Promise<string> {
  const fields = {
    username,
    email: `${username}@example.org`,
    password: 'a compiler of my own',
    age: '13',
    terms: '2026-11-21'
  }
  const response = await form('/register', fields, { 'sec-fetch-site': 'same-origin' })
  expect(response.status).toBe(303)
  return response.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')
}
const browse = (path: string, fields: Record<string, string>, as = cookie) =>
  form(path, fields, { cookie: as, 'sec-fetch-site': 'same-origin' })

interface Code {
  readonly device_code: string
  readonly user_code: string
  readonly verification_uri: string
  readonly verification_uri_complete: string
  readonly expires_in: number
  readonly interval: number
}
const start = async (fields: Record<string, string> = {}) => {
  const response = await form('/api/device/code', { client_id: 'caicaini', device_name: 'laptop', ...fields })
  expect(response.headers.get('cache-control')).toBe('no-store')
  return (await response.json()) as Code
}
const poll = async ({ device_code }: Code) => {
  const response = await form('/api/device/token', { grant_type: GRANT, device_code, client_id: 'caicaini' })
  const answer = (await response.json()) as { access_token?: string; error?: string }
  return { status: response.status, ...answer }
}
/** The page that asks to decide, and the id in its form. */
const open = async (code: string, as = cookie) => {
  const response = await browse('/device', { code }, as)
  const text = await response.text()
  return { status: response.status, text, id: /action="\/device\/(dev_\w+)"/.exec(text)?.[1] ?? '' }
}

describe('signing in a device', () => {
  test('ends in a key of its own, once it is approved', async () => {
    const code = await start()
    expect(code.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
    expect(code).toMatchObject({ expires_in: 600, interval: 5, verification_uri: `${t.url}/device` })
    expect(code.verification_uri_complete).toBe(`${t.url}/device?code=${code.user_code}`)
    expect(await poll(code)).toMatchObject({ status: 400, error: 'authorization_pending' })
    const { text, id } = await open(code.user_code.toLowerCase().replace('-', ' '))
    for (const said of [code.user_code, 'caicaini', 'laptop', 'this machine', 'grace', 'revoke your keys'])
      expect(text).toContain(said)
    t.clock.advance({ seconds: 5 })
    expect(await poll(code)).toMatchObject({ error: 'authorization_pending' })
    expect(await (await browse(`/device/${id}`, { decision: 'approve' })).text()).toContain('You can close this page')
    t.clock.advance({ seconds: 5 })
    const got = await poll(code)
    expect(got).toMatchObject({ status: 200, token_type: 'Bearer', scope: 'cli', key_name: 'caicaini on laptop' })
    const self = await t.get<{ account: { username: string } }>('/api/keys/self', got.access_token)
    expect(self.account.username).toBe('grace')
    t.clock.advance({ seconds: 5 })
    expect(await poll(code)).toMatchObject({ status: 400, error: 'invalid_grant' })
  })

  test('of two polls at once one gets the key', async () => {
    const code = await start()
    await browse(`/device/${(await open(code.user_code)).id}`, { decision: 'approve' })
    const both = await Promise.all([poll(code), poll(code)])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400])
  })

  test('that is refused, or takes too long, is told so', async () => {
    const refused = await start()
    await browse(`/device/${(await open(refused.user_code)).id}`, { decision: 'deny' })
    expect(await poll(refused)).toMatchObject({ error: 'access_denied' })
    const late = await start()
    t.clock.advance({ minutes: 10 })
    expect(await poll(late)).toMatchObject({ error: 'expired_token' })
    expect((await open(late.user_code)).status).toBe(404)
    expect(await poll({ ...late, device_code: 'cai_device_unknown' })).toMatchObject({ error: 'invalid_grant' })
  })

  test('that polls too fast is slowed, more each time, and for good', async () => {
    const code = await start()
    await poll(code)
    expect(await poll(code)).toMatchObject({ error: 'slow_down', interval: 10 })
    t.clock.advance({ seconds: 5 })
    expect(await poll(code)).toMatchObject({ error: 'slow_down', interval: 15 })
    t.clock.advance({ seconds: 15 })
    expect(await poll(code)).toMatchObject({ error: 'authorization_pending', interval: 15 })
  })

  test('again takes the place of the key that it had', async () => {
    const first = await start()
    await browse(`/device/${(await open(first.user_code)).id}`, { decision: 'approve' })
    const { access_token: old = '' } = await poll(first)
    const replaces = createHash('sha256').update(old).digest('hex')
    const second = await start({ replaces })
    const { text, id } = await open(second.user_code)
    expect(text).toContain('the key that this program had before')
    await browse(`/device/${id}`, { decision: 'approve' })
    expect(await poll(second)).toMatchObject({ status: 200, replaced: 'caicaini on laptop' })
    await expect(t.get('/api/keys/self', old)).rejects.toThrow('revoked')
  })

  test('revokes nobody else’s key', async () => {
    const replaces = createHash('sha256').update(t.key).digest('hex')
    const code = await start({ replaces })
    await browse(`/device/${(await open(code.user_code)).id}`, { decision: 'approve' })
    expect(await poll(code)).toMatchObject({ status: 200, replaced: null })
    await t.get('/api/keys/self')
  })

  test('one more key, of another scope and with a quota, is asked for alike', async () => {
    const code = await start({ purpose: 'key', key_name: 'ci', scope: 'api', quota: '12.5', quota_period: 'month' })
    const { text, id } = await open(code.user_code)
    expect(text).toContain('at most 12.5 credits')
    await browse(`/device/${id}`, { decision: 'approve' })
    const { access_token = '' } = await poll(code)
    const { key } = await t.get<{ key: object }>('/api/keys/self', access_token)
    expect(key).toMatchObject({ name: 'ci', scope: 'api', quota: 12.5, quota_period: 'month' })
  })
})

describe('nobody else', () => {
  test('decides: the first browser that opened it has it', async () => {
    const other = await signIn('linus')
    const code = await start()
    const { id } = await open(code.user_code)
    expect(await open(code.user_code, other)).toMatchObject({
      status: 404,
      text: expect.stringContaining('opened by another')
    })
    expect((await browse(`/device/${id}`, { decision: 'approve' }, other)).status).toBe(404)
    expect(await poll(code)).toMatchObject({ error: 'authorization_pending' })
  })

  test('who is not signed in sees a thing, or decides by a form of another site', async () => {
    const code = await start()
    expect((await browse('/device', { code: code.user_code }, '')).status).toBe(303)
    const { id } = await open(code.user_code)
    const foreign = await form(`/device/${id}`, { decision: 'approve' }, { cookie, 'sec-fetch-site': 'cross-site' })
    expect(foreign.status).toBe(403)
    expect(await poll(code)).toMatchObject({ error: 'authorization_pending' })
  })

  test('guesses a code: each wrong one takes longer', async () => {
    for (let i = 0; i < 6; i++) expect((await open('BBBB-BBBB')).status).toBe(404)
    expect((await open('BBBB-BBBB')).status).toBe(429)
  })

  test('has the key from the database: no code and no key is in it', async () => {
    const code = await start()
    const rows = JSON.stringify(await t.local('GET', '/admin/api/events'))
    expect(rows).not.toContain(code.device_code)
  })
})

test.each([
  [{ client_id: '' }, 'client_id'],
  [{ scope: 'local' }, 'scope'],
  [{ device_name: 'a\nb' }, 'device_name'],
  [{ replaces: 'abc' }, 'replaces'],
  [{ quota: '-1' }, 'quota']
])('%j is refused by name', async (fields, named) => {
  const response = await form('/api/device/code', { client_id: 'caicaini', ...fields })
  expect(response.status).toBe(400)
  expect(JSON.stringify(await response.json())).toContain(named)
})
