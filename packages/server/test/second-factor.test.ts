import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PASSWORD, person, type SessionTokens } from '../src/testing/people.js'
import { refusal } from '../src/testing/refusal.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

let t: TestServer
let grace: ReturnType<typeof person>
let token: string

beforeEach(async () => {
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off' } })
  grace = person(t)
  token = (await grace.register()).access_token
})
afterEach(() => t.close())

const actions = async () =>
  (await t.local<{ events: { action: string }[] }>('GET', '/admin/api/events')).events.map(({ action }) => action)
const next = () => t.clock.advance({ seconds: 30 })

describe('an authenticator app', () => {
  test('is asked for after the password, and makes a session of two factors', async () => {
    const { code, codes } = await grace.withApp(token)
    expect(codes).toHaveLength(10)
    const answered = (await (await grace.login()).json()) as object
    expect(Object.keys(answered)).toEqual(['second_factor'])
    next()
    const ticket = await grace.ticket()
    const tokens = await grace.answer<SessionTokens>(grace.post('/api/login/second', { ticket, code: code() }))
    const status = grace.call('GET', '/api/account/second-factor', undefined, tokens.access_token)
    expect(await grace.answer(status)).toEqual({ totp: true, passkeys: [], recovery_codes_left: 10 })
    expect(await actions()).toEqual(expect.arrayContaining(['totp.enable', 'recovery_codes.make', 'account.sign_in']))
  })

  test('is not in force until a code has shown that the secret arrived', async () => {
    await grace.answer(grace.post('/api/account/second-factor/totp', {}, token))
    const wrong = await grace.post('/api/account/second-factor/totp/confirm', { code: '000000' }, token)
    expect(await refusal(wrong)).toMatchObject({ status: 401, error: { code: 'wrong_code' } })
    expect(await (await grace.login()).json()).toHaveProperty('access_token')
  })

  test('has its secret nowhere in the clear, and tells it to nobody once it is in force', async () => {
    const { secret, uri } = await grace.answer<{ secret: string; uri: string }>(
      grace.post('/api/account/second-factor/totp', {}, token)
    )
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(uri).toBe(
      `otpauth://totp/Caicaini%20Code:grace%40127.0.0.1?issuer=Caicaini%20Code&secret=${secret}&algorithm=SHA1&digits=6&period=30`
    )
  })

  test('is changed only with a fresh proof, which the password is no more', async () => {
    const { code } = await grace.withApp(token)
    t.clock.advance({ minutes: 11 })
    for (const path of ['totp', 'totp/remove', 'recovery-codes'])
      expect(await refusal(await grace.post(`/api/account/second-factor/${path}`, {}, token))).toMatchObject({
        status: 403,
        error: { code: 'step_up' }
      })
    expect((await grace.post('/api/step-up', { password: PASSWORD }, token)).status).toBe(400)
    expect((await grace.post('/api/step-up', { code: '000000' }, token)).status).toBe(401)
    expect((await grace.post('/api/step-up', { code: code() }, token)).status).toBe(204)
    expect((await grace.post('/api/account/second-factor/totp/remove', {}, token)).status).toBe(204)
    expect(await (await grace.login()).json()).toHaveProperty('access_token')
    expect(await actions()).toContain('totp.disable')
  })

  test('that is set up in one browser leaves no other one proven by its password', async () => {
    const other = (await (await grace.login()).json()) as SessionTokens
    await grace.withApp(token)
    expect((await grace.post('/api/keys', { name: 'k' }, other.access_token)).status).toBe(403)
    const next = grace.post('/api/refresh', { refresh_token: other.refresh_token })
    const { access_token } = await grace.answer<SessionTokens>(next)
    expect((await grace.post('/api/keys', { name: 'k' }, access_token)).status).toBe(403)
    expect((await grace.post('/api/account/second-factor/totp/remove', {}, access_token)).status).toBe(403)
    expect((await grace.post('/api/keys', { name: 'k' }, token)).status).toBe(201)
  })
})

describe('a code', () => {
  // better-auth #10387: a code was taken as often as it came while its time lasted.
  test('is taken once, and none after it that is older', async () => {
    const { code } = await grace.withApp(token)
    expect((await grace.post('/api/login/second', { ticket: await grace.ticket(), code: code() })).status).toBe(401)
    next()
    const [now, before] = [code(), code(-1)]
    expect((await grace.post('/api/login/second', { ticket: await grace.ticket(), code: now })).status).toBe(200)
    for (const old of [now, before]) {
      const refused = await refusal(await grace.post('/api/login/second', { ticket: await grace.ticket(), code: old }))
      expect(refused).toMatchObject({ status: 401, error: { code: 'wrong_code' } })
    }
    expect((await grace.post('/api/step-up', { code: now }, token)).status).toBe(401)
  })

  test('that comes twice at once is taken once', async () => {
    const { code } = await grace.withApp(token)
    next()
    const tickets = await Promise.all([grace.ticket(), grace.ticket(), grace.ticket()])
    const answers = await Promise.all(
      tickets.map((ticket) => grace.post('/api/login/second', { ticket, code: code() }))
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401])
  })

  test('of the step before or after is good, and of no other', async () => {
    const { code } = await grace.withApp(token)
    t.clock.advance({ minutes: 2 })
    const enter = async (text: string) =>
      (await grace.post('/api/login/second', { ticket: await grace.ticket(), code: text })).status
    expect(await enter(code(-2))).toBe(401)
    expect(await enter(code(2))).toBe(401)
    expect(await enter(code(-1))).toBe(200)
    expect(await enter(code(1))).toBe(200)
  })

  test('cannot be guessed: at once or in a row, waits grow to a day; another account is not held up', async () => {
    const { code } = await grace.withApp(token)
    const ticket = await grace.ticket()
    const guess = () => grace.post('/api/login/second', { ticket, code: '000000' })
    const guesses = await Promise.all(Array.from({ length: 40 }, guess))
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(6)
    expect(guesses.filter(({ status }) => status === 429)).toHaveLength(34)
    let tries = 0
    for (let day = 0; day < 30; tries++) {
      t.clock.advance({ minutes: 24 * 60 })
      day++
      const fresh = await grace.ticket()
      const slowed = await grace.post('/api/login/second', { ticket: fresh, code: '000000' })
      expect(slowed.status).toBe(401)
      if (tries > 14) expect((await grace.post('/api/login/second', { ticket: fresh, code: code() })).status).toBe(429)
    }
    const linus = person(t, 'linus')
    const theirs = await linus.withApp((await linus.register()).access_token)
    next()
    const entered = await linus.post('/api/login/second', { ticket: await linus.ticket(), code: theirs.code() })
    expect(entered.status).toBe(200)
  })

  test('wrong ones hold nobody up who has a recovery code', async () => {
    const { codes } = await grace.withApp(token)
    const ticket = await grace.ticket()
    for (let i = 0; i < 10; i++) await grace.post('/api/login/second', { ticket, code: '000000' })
    t.clock.advance({ seconds: 1 })
    const recovery_code = codes[0]
    expect((await grace.post('/api/login/second', { ticket, recovery_code })).status).toBe(200)
  })
})

describe('a recovery code', () => {
  test('is good once, however it is typed, also at once', async () => {
    const { codes } = await grace.withApp(token)
    const typed = codes[3]?.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l') ?? ''
    const tickets = [await grace.ticket(), await grace.ticket()]
    const answers = await Promise.all(
      tickets.map((ticket) => grace.post('/api/login/second', { ticket, recovery_code: typed }))
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401])
    const status = grace.call('GET', '/api/account/second-factor', undefined, token)
    expect(await grace.answer(status)).toMatchObject({ recovery_codes_left: 9 })
    expect(await actions()).toContain('recovery_code.use')
  })

  test('is another account’s nothing, and no more when new ones are made', async () => {
    const { codes } = await grace.withApp(token)
    const linus = person(t, 'linus')
    await linus.withApp((await linus.register()).access_token)
    const theirs = await linus.post('/api/login/second', { ticket: await linus.ticket(), recovery_code: codes[0] })
    expect(theirs.status).toBe(401)
    const made = await grace.answer<{ recovery_codes: string[] }>(
      grace.post('/api/account/second-factor/recovery-codes', {}, token)
    )
    const ticket = await grace.ticket()
    expect((await grace.post('/api/login/second', { ticket, recovery_code: codes[0] })).status).toBe(401)
    expect((await grace.post('/api/login/second', { ticket, recovery_code: made.recovery_codes[0] })).status).toBe(200)
  })
})

describe('a ticket', () => {
  test('is good once', async () => {
    const { code, codes } = await grace.withApp(token)
    next()
    const ticket = await grace.ticket()
    const both = await Promise.all([
      grace.post('/api/login/second', { ticket, code: code() }),
      grace.post('/api/login/second', { ticket, recovery_code: codes[0] })
    ])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401])
    const again = await grace.post('/api/login/second', { ticket, recovery_code: codes[1] })
    expect(await refusal(again)).toMatchObject({ status: 401, error: { code: 'sign_in_failed' } })
  })

  test('is over after ten minutes, and its code is not used up for it', async () => {
    const { code, codes } = await grace.withApp(token)
    const ticket = await grace.ticket()
    t.clock.advance({ minutes: 10 })
    expect((await grace.post('/api/login/second', { ticket, code: code() })).status).toBe(401)
    expect((await grace.post('/api/login/second', { ticket, recovery_code: codes[0] })).status).toBe(401)
    const fresh = await grace.ticket()
    expect((await grace.post('/api/login/second', { ticket: fresh, recovery_code: codes[0] })).status).toBe(200)
  })

  test('is one account’s: another’s code does not go with it', async () => {
    await grace.withApp(token)
    const linus = person(t, 'linus')
    const theirs = await linus.withApp((await linus.register()).access_token)
    next()
    const mixed = await grace.post('/api/login/second', { ticket: await grace.ticket(), code: theirs.code() })
    expect(mixed.status).toBe(401)
  })

  // GHSA-xg6x-h9c9-2m83: what the first factor gave was as good as a session.
  test('is no session: not as a token, not as a refresh token, not as a challenge', async () => {
    await grace.withApp(token)
    const ticket = await grace.ticket()
    expect((await grace.call('GET', '/api/account', undefined, ticket)).status).toBe(401)
    expect((await grace.post('/api/refresh', { refresh_token: ticket })).status).toBe(401)
    const cookie = `caicaini_access=${ticket}; caicaini_refresh=${ticket}; caicaini_ticket=${ticket}`
    const page = await fetch(`${t.url}/account`, { headers: { cookie }, redirect: 'manual' })
    expect(page.headers.get('location')).toMatch(/^\/login/)
  })
})

test('who has no ticket is refused, and holds nobody up who has one', async () => {
  const { codes } = await grace.withApp(token)
  for (let i = 0; i < 30; i++)
    expect((await grace.post('/api/login/second', { ticket: `guess ${i}`, code: '000000' })).status).toBe(401)
  const recovery_code = codes[0]
  expect((await grace.post('/api/login/second', { ticket: await grace.ticket(), recovery_code })).status).toBe(200)
})

test('one proof at a time: none, or two, are refused', async () => {
  const { codes } = await grace.withApp(token)
  const ticket = await grace.ticket()
  for (const proofs of [{}, { code: '000000', recovery_code: codes[0] }])
    expect((await grace.post('/api/login/second', { ticket, ...proofs })).status).toBe(400)
})
