import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { refusal } from '../src/testing/refusal.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

let t: TestServer

beforeEach(async () => {
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off' } })
})
afterEach(() => t.close())

const grace = {
  username: 'Grace',
  email: 'Grace@Example.org',
  password: 'a compiler of my own',
  age: 18,
  terms: '2026-11-21'
}

interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
}

const send = (path: string, body: object, token?: string) =>
  fetch(t.url + path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  })
const register = async (fields: object = {}) =>
  (await (await send('/api/register', { ...grace, ...fields })).json()) as Tokens
const look = (path: string, token: string) => fetch(t.url + path, { headers: { authorization: `Bearer ${token}` } })

describe('registering', () => {
  test('makes an account on the plan Free, signed in at once', async () => {
    const { access_token } = await register()
    const profile = (await (await look('/api/account', access_token)).json()) as object
    expect(profile).toMatchObject({
      username: 'Grace',
      email: 'Grace@Example.org',
      email_verified: false,
      plan: 'free',
      status: 'active',
      terms_version: '2026-11-21'
    })
    expect((await t.audit()).differences).toEqual([])
  })

  test.each([
    [{ username: 'grace' }, 409, 'username: "grace" is taken'],
    [{ username: 'gr' }, 400, 'username: must have 3 to 32 characters'],
    [{ username: 'grаce' }, 400, 'username: "а" is not allowed'],
    [{ username: 'gra..ce' }, 400, 'username: must be of'],
    [{ username: 'Admin' }, 400, 'username: "Admin" is reserved'],
    [{ username: 'other', email: 'grace@example.ORG' }, 409, 'email: '],
    [{ username: 'other', email: 'nobody' }, 400, 'email: must be an address'],
    [{ username: 'other', email: undefined }, 400, 'email: is missing'],
    [{ username: 'other', password: 'password1' }, 400, 'password: is among'],
    [{ username: 'other', password: 'other123' }, 400, 'password: is little more than "other"'],
    [{ username: 'other', age: 12 }, 400, 'age: '],
    [{ username: 'other', terms: '2020-01-01' }, 400, 'terms: accept the terms of 2026-11-21'],
    [{ username: 'other', role: 'owner' }, 400, 'role']
  ])('%j is refused: %i %s', async (fields, status, message) => {
    await register()
    const refused = await refusal(await send('/api/register', { ...grace, email: 'other@example.org', ...fields }))
    expect(refused.status).toBe(status)
    expect(refused.error.message).toContain(message)
  })

  test('is closed where the operator says so, and needs no address where they relax that', async () => {
    await t.close()
    t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off', CAICAINI_EMAIL: 'optional' } })
    expect((await send('/api/register', { ...grace, email: undefined })).status).toBe(201)
    await t.close()
    t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off', CAICAINI_REGISTRATION: 'closed' } })
    expect((await send('/api/register', grace)).status).toBe(403)
  })
})

describe('signing in', () => {
  test.each(['Grace', 'gRACE', ' grace ', 'grace@example.org'])('by %j', async (name) => {
    await register()
    const response = await send('/api/login', { name, password: grace.password })
    expect(response.status).toBe(200)
    const { access_token } = (await response.json()) as Tokens
    expect((await look('/api/account', access_token)).status).toBe(200)
  })

  test('an unknown name and a wrong password are told alike', async () => {
    await register()
    const [unknown, wrong] = [
      await refusal(await send('/api/login', { name: 'nobody', password: grace.password })),
      await refusal(await send('/api/login', { name: 'grace', password: 'wrong password' }))
    ]
    const told = ({ status, error }: typeof wrong) => ({ status, error })
    expect(told(unknown)).toEqual(told(wrong))
    expect(wrong).toMatchObject({ status: 401, error: { code: 'sign_in_failed' } })
  })

  test('whoever keeps failing waits longer each time; a right password ends it', async () => {
    await register()
    const wrong = () => send('/api/login', { name: 'grace', password: 'wrong password' })
    for (let i = 0; i < 6; i++) expect((await wrong()).status).toBe(401)
    const waits: number[] = []
    for (let i = 0; i < 4; i++) {
      const slowed = await wrong()
      expect(slowed.status).toBe(429)
      const waitS = Number(slowed.headers.get('retry-after'))
      waits.push(waitS)
      t.clock.advance({ seconds: waitS })
      expect((await wrong()).status).toBe(401)
    }
    expect(waits).toEqual([1, 2, 4, 8])
    t.clock.advance({ seconds: 16 })
    expect((await send('/api/login', { name: 'grace', password: grace.password })).status).toBe(200)
    expect((await wrong()).status).toBe(401)
  })
})

describe('a session', () => {
  test('is refreshed, once each, and ends', async () => {
    const first = await register()
    t.clock.advance({ minutes: 15 })
    expect(await refusal(await look('/api/account', first.access_token))).toMatchObject({
      status: 401,
      error: { code: 'signed_out' }
    })
    const second = (await (await send('/api/refresh', { refresh_token: first.refresh_token })).json()) as Tokens
    expect((await look('/api/account', second.access_token)).status).toBe(200)
    expect((await send('/api/logout', {}, second.access_token)).status).toBe(204)
    expect((await look('/api/account', second.access_token)).status).toBe(401)
    expect((await send('/api/refresh', { refresh_token: second.refresh_token })).status).toBe(401)
  })

  test('whose old token comes again is ended, and the log says so', async () => {
    const first = await register()
    const second = (await (await send('/api/refresh', { refresh_token: first.refresh_token })).json()) as Tokens
    t.clock.advance({ minutes: 1 })
    expect((await send('/api/refresh', { refresh_token: first.refresh_token })).status).toBe(401)
    expect((await send('/api/refresh', { refresh_token: second.refresh_token })).status).toBe(401)
    const { events } = await t.local<{ events: { action: string }[] }>('GET', '/admin/api/events')
    expect(events.map(({ action }) => action)).toContain('session.reuse')
  })

  test('is listed with the others, and all others can be ended', async () => {
    const first = await register()
    const second = (await (await send('/api/login', { name: 'grace', password: grace.password })).json()) as Tokens
    const { sessions } = (await (await look('/api/account/sessions', second.access_token)).json()) as {
      sessions: { id: string; current: boolean }[]
    }
    expect(sessions).toHaveLength(2)
    expect(sessions.filter(({ current }) => current)).toHaveLength(1)
    expect((await send('/api/account/sessions/end-others', {}, second.access_token)).status).toBe(204)
    expect((await look('/api/account', first.access_token)).status).toBe(401)
    expect((await look('/api/account', second.access_token)).status).toBe(200)
    const other = sessions.find(({ current }) => !current)?.id
    expect((await send(`/api/account/sessions/${other}/end`, {}, second.access_token)).status).toBe(404)
  })

  test('is none of another account’s business, and no key', async () => {
    const mine = await register()
    const theirs = await register({ username: 'linus', email: 'linus@example.org' })
    const { sessions } = (await (await look('/api/account/sessions', theirs.access_token)).json()) as {
      sessions: { id: string }[]
    }
    expect((await send(`/api/account/sessions/${sessions[0]?.id}/end`, {}, mine.access_token)).status).toBe(404)
    expect((await look('/api/account', theirs.access_token)).status).toBe(200)
    expect((await look('/v1/models', mine.access_token)).status).toBe(403)
    expect((await send('/api/keys?username=linus', { name: 'k' }, mine.access_token)).status).toBe(403)
    expect((await look('/api/keys/self', mine.access_token)).status).toBe(403)
    expect((await look('/admin/api/users', mine.access_token)).status).toBe(403)
  })
})
