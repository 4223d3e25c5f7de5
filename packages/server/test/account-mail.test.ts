import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { refusal } from '../src/testing/refusal.js'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'

let t: TestServer
beforeEach(async () => {
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off' } })
})
afterEach(() => t.close())

const PASSWORD = 'a compiler of my own'
const grace = { username: 'Grace', email: 'grace@example.org', password: PASSWORD, age: 18, terms: '2026-11-21' }

interface Tokens {
  readonly access_token: string
}
interface Sent {
  readonly token?: string | undefined
  readonly headers?: Record<string, string>
}

const send = (path: string, body: object, { token, headers }: Sent = {}) =>
  fetch(t.url + path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }), ...headers }
  })
const register = async (fields: object = {}) =>
  ((await (await send('/api/register', { ...grace, ...fields })).json()) as Tokens).access_token
const login = (name: string, password = PASSWORD, sent: Sent = {}) => send('/api/login', { name, password }, sent)
const signIn = async (name: string, password = PASSWORD) =>
  ((await (await login(name, password)).json()) as Tokens).access_token
const profile = async (token: string) =>
  (await (await fetch(`${t.url}/api/account`, { headers: { authorization: `Bearer ${token}` } })).json()) as {
    username: string
    email: string
    email_verified: boolean
  }
const isIn = async (token: string) =>
  (await fetch(`${t.url}/api/account`, { headers: { authorization: `Bearer ${token}` } })).status === 200
const mailed = async (subject: string, options: { to?: string; count?: number } = {}) =>
  t.letters.tokenOf(await t.letters.next(subject, options))
const verify = async (email = grace.email) =>
  send('/api/account/verify/confirm', { token: await mailed('confirm your e-mail', { to: email }) })
const quiet = () => new Promise((resolve) => setTimeout(resolve, 60))

describe('confirming an address', () => {
  test('by the link that registering mails, once', async () => {
    const session = await register()
    expect((await profile(session)).email_verified).toBe(false)
    expect((await verify()).status).toBe(204)
    expect((await profile(session)).email_verified).toBe(true)
    expect(await refusal(await verify())).toMatchObject({
      status: 404,
      error: { message: expect.stringContaining('over') }
    })
  })

  test('a new link voids the one before; after a day both are over', async () => {
    const session = await register()
    const first = await mailed('confirm your e-mail')
    expect((await send('/api/account/verify', {}, { token: session })).status).toBe(204)
    const second = await mailed('confirm your e-mail', { count: 2 })
    expect((await send('/api/account/verify/confirm', { token: first })).status).toBe(404)
    t.clock.advance({ days: 1 })
    expect((await send('/api/account/verify/confirm', { token: second })).status).toBe(404)
    expect((await profile(await signIn('grace'))).email_verified).toBe(false)
  })

  test('nobody’s letter box is filled, and a confirmed address is not confirmed again', async () => {
    const session = await register()
    const again = () => send('/api/account/verify', {}, { token: session })
    for (let i = 0; i < 6; i++) expect((await again()).status).toBe(204)
    expect((await again()).status).toBe(429)
    expect((await send('/api/account/verify/confirm', { token: await mailed('confirm', { count: 7 }) })).status).toBe(
      204
    )
    expect((await again()).status).toBe(409)
  })
})

describe('a forgotten password', () => {
  const ask = (name: string, headers: Record<string, string> = {}) => send('/api/password/reset', { name }, { headers })
  const choose = (token: string, password: string) => send('/api/password/reset/confirm', { token, password })

  test.each(['grace', 'GRACE@example.org'])(
    'is mended by a link, asked for by %s; every session ends',
    async (name) => {
      const session = await register()
      expect((await ask(name)).status).toBe(202)
      const token = await mailed('choose a new password', { to: 'grace@example.org' })
      expect((await choose(token, 'another thing of mine')).status).toBe(204)
      expect(await isIn(session)).toBe(false)
      expect((await login('grace')).status).toBe(401)
      const next = await signIn('grace', 'another thing of mine')
      // Who reads the address has shown that it is theirs; so they are told too.
      expect((await profile(next)).email_verified).toBe(true)
      await t.letters.next('your password was changed', { to: 'grace@example.org' })
      expect((await choose(token, 'and yet another one')).status).toBe(404)
    }
  )

  test('a password that is no good leaves the link good', async () => {
    await register()
    await ask('grace')
    const token = await mailed('choose a new password')
    for (const password of ['short', 'password1', 'grace123', 'grace@example.org'])
      expect(await refusal(await choose(token, password))).toMatchObject({
        status: 400,
        error: { message: expect.stringMatching(/^password: /) }
      })
    expect((await choose(token, 'another thing of mine')).status).toBe(204)
  })

  test('a new link voids the one before, and half an hour every one', async () => {
    await register()
    await ask('grace')
    const first = await mailed('choose a new password')
    await ask('grace')
    const second = await mailed('choose a new password', { count: 2 })
    expect((await choose(first, 'another thing of mine')).status).toBe(404)
    t.clock.advance({ minutes: 30 })
    expect((await choose(second, 'another thing of mine')).status).toBe(404)
    expect((await login('grace')).status).toBe(200)
  })

  test('an unknown name is answered alike, and nothing is mailed', async () => {
    await register()
    const [known, unknown] = [await ask('grace'), await ask('nobody')]
    const told = async (response: Response) => [
      response.status,
      await response.text(),
      [...response.headers.keys()].sort()
    ]
    expect(await told(known)).toEqual(await told(unknown))
    await t.letters.next('choose a new password')
    await quiet()
    expect(t.letters.find('choose a new password')).toHaveLength(1)
    await t.letters.next('confirm your e-mail')
    expect(t.letters.all).toHaveLength(2)
  })

  test('whoever asks too often waits, and one letter box gets few', async () => {
    await register()
    for (let i = 0; i < 6; i++) expect((await ask('grace')).status).toBe(202)
    expect((await ask('grace')).status).toBe(429)
    for (let i = 0; i < 6; i++) expect((await ask('grace', { 'x-forwarded-for': `198.51.100.${i}` })).status).toBe(202)
    await quiet()
    expect(t.letters.find('choose a new password').length).toBeLessThanOrEqual(5)
    // The newest of them is good: an attacker who asks for many locks nobody out.
    const token = t.letters.tokenOf(t.letters.find('choose a new password').at(-1) as never)
    expect((await choose(token, 'another thing of mine')).status).toBe(204)
  })

  test('of many who open one link at once, one sets the password', async () => {
    await register()
    await ask('grace')
    const token = await mailed('choose a new password')
    const names = ['one', 'two', 'three', 'four', 'five', 'six']
    const all = await Promise.all(names.map((name) => choose(token, `the password of ${name}`)))
    expect(all.filter(({ status }) => status === 204)).toHaveLength(1)
    const good = await Promise.all(names.map((name) => login('grace', `the password of ${name}`)))
    expect(good.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('opening the link changes nothing, however often a mail program does', async () => {
    await register()
    await ask('grace')
    const link = (await t.letters.next('choose a new password')).link ?? ''
    for (const method of ['GET', 'HEAD', 'GET']) {
      const response = await fetch(link, { method })
      expect(response.status).toBe(200)
      expect(response.headers.get('referrer-policy')).toBe('no-referrer')
      expect(response.headers.get('cache-control')).toBe('no-store')
    }
    expect((await choose(t.letters.tokenOf({ link } as never), 'another thing of mine')).status).toBe(204)
  })
})

describe('another address', () => {
  const change = (email: string, token: string) => send('/api/account/email', { email }, { token })

  test('holds once its link is opened; the old one is told, other sessions end', async () => {
    const session = await register()
    await verify()
    const other = await signIn('grace')
    expect((await change('hopper@example.org', session)).status).toBe(204)
    const token = await mailed('confirm your new e-mail', { to: 'hopper@example.org' })
    expect((await profile(session)).email).toBe('grace@example.org')
    expect((await send('/api/account/email/confirm', { token })).status).toBe(204)
    expect(await profile(session)).toMatchObject({ email: 'hopper@example.org', email_verified: true })
    expect(await isIn(other)).toBe(false)
    expect((await t.letters.next('address was changed', { to: 'grace@example.org' })).text).toContain(
      'hopper@example.org'
    )
    expect((await send('/api/account/email/confirm', { token })).status).toBe(404)
  })

  test('is undone for 72 hours by who had the old one, through a second change too', async () => {
    const session = await register()
    await verify()
    await change('thief@example.org', session)
    await send('/api/account/email/confirm', { token: await mailed('confirm your new', { to: 'thief@example.org' }) })
    const undo = await mailed('address was changed', { to: 'grace@example.org' })
    await change('thief2@example.org', session)
    await send('/api/account/email/confirm', { token: await mailed('confirm your new', { to: 'thief2@example.org' }) })
    await send('/api/password/reset', { name: 'grace' })
    const thiefs = await mailed('choose a new password', { to: 'thief2@example.org' })
    t.clock.advance({ minutes: 71 * 60 })
    expect((await send('/api/account/email/undo', { token: undo })).status).toBe(204)
    expect(await isIn(session)).toBe(false)
    expect((await send('/api/password/reset/confirm', { token: thiefs, password: 'the thief’s own one' })).status).toBe(
      404
    )
    expect(await profile(await signIn('grace'))).toMatchObject({ email: 'grace@example.org', email_verified: true })
  })

  test('is not undone later', async () => {
    const session = await register()
    await verify()
    await change('hopper@example.org', session)
    await send('/api/account/email/confirm', { token: await mailed('confirm your new') })
    const undo = await mailed('address was changed')
    t.clock.advance({ days: 3 })
    expect((await send('/api/account/email/undo', { token: undo })).status).toBe(404)
  })

  test('an old one that nobody proved gets no way in', async () => {
    const session = await register({ email: 'a-stranger@example.org' })
    await change('grace@example.org', session)
    await send('/api/account/email/confirm', { token: await mailed('confirm your new') })
    await quiet()
    expect(t.letters.find('address was changed')).toEqual([])
  })

  test('needs a fresh proof of who asks, and an address that is free', async () => {
    const session = await register()
    await register({ username: 'linus', email: 'linus@example.org' })
    expect((await change('LINUS@example.org', session)).status).toBe(409)
    expect((await change('nobody', session)).status).toBe(400)
    expect((await change('Grace@example.org', session)).status).toBe(409)
    t.clock.advance({ minutes: 11 })
    expect(await refusal(await change('hopper@example.org', session))).toMatchObject({
      status: 403,
      error: { code: 'step_up' }
    })
  })

  test('taken by another account while its link waited, it is refused', async () => {
    const session = await register()
    await change('both@example.org', session)
    const token = await mailed('confirm your new', { to: 'both@example.org' })
    await register({ username: 'linus', email: 'both@example.org' })
    expect((await send('/api/account/email/confirm', { token })).status).toBe(409)
    expect((await profile(session)).email).toBe('grace@example.org')
  })
})

describe('another password', () => {
  const change = (current: string, password: string, token: string) =>
    send('/api/account/password', { current, password }, { token })

  test('takes the present one, and ends all other sessions', async () => {
    const session = await register()
    await verify()
    const other = await signIn('grace')
    expect((await change('wrong', 'another thing of mine', session)).status).toBe(400)
    expect((await change(PASSWORD, 'grace123', session)).status).toBe(400)
    expect((await change(PASSWORD, PASSWORD, session)).status).toBe(400)
    expect((await change(PASSWORD, 'another thing of mine', session)).status).toBe(204)
    expect([await isIn(session), await isIn(other)]).toEqual([true, false])
    expect((await login('grace')).status).toBe(401)
    await t.letters.next('your password was changed')
  })

  test('who tries passwords in an open session waits', async () => {
    const session = await register()
    for (let i = 0; i < 6; i++) expect((await change(`wrong ${i}`, 'another thing of mine', session)).status).toBe(400)
    expect((await change(PASSWORD, 'another thing of mine', session)).status).toBe(429)
  })

  test('what leaked elsewhere is refused where the operator asks for it', async () => {
    await t.close()
    const asked: string[] = []
    const hash = createHash('sha1').update('leaked from elsewhere').digest('hex').toUpperCase()
    const ask = (async (url: string) => {
      asked.push(url)
      return new Response(`${hash.slice(5)}:7`)
    }) as unknown as typeof fetch
    const env = { CAICAINI_CAPTCHA: 'off', CAICAINI_PWNED_PASSWORDS: 'on' }
    t = await createTestServer({ env, world: { fetch: ask } })
    const refused = await send('/api/register', { ...grace, password: 'leaked from elsewhere' })
    expect(await refusal(refused)).toMatchObject({
      status: 400,
      error: { message: expect.stringContaining('password: was leaked') }
    })
    expect(asked).toEqual([`https://api.pwnedpasswords.com/range/${hash.slice(0, 5)}`])
    expect(await isIn(await register())).toBe(true)
  })
})

describe('another username', () => {
  const rename = (username: string, token: string) => send('/api/account/username', { username }, { token })

  test('is its own in any case, free of others, and by the rules', async () => {
    const session = await register()
    await register({ username: 'linus', email: 'linus@example.org' })
    expect((await rename('gRaCe', session)).status).toBe(204)
    expect((await rename('LINUS', session)).status).toBe(409)
    expect((await rename('admin', session)).status).toBe(400)
    expect((await rename('hopper', session)).status).toBe(204)
    expect((await profile(session)).username).toBe('hopper')
    expect((await login('grace')).status).toBe(401)
    expect((await login('hopper')).status).toBe(200)
    expect((await rename('hopper2', session)).status).toBe(204)
    expect((await rename('hopper3', session)).status).toBe(204)
    expect((await rename('hopper4', session)).status).toBe(429)
  })

  test('of many that want one name at once, one gets it', async () => {
    const names = ['one', 'two', 'three', 'four', 'five']
    const sessions = await Promise.all(names.map((name) => register({ username: name, email: `${name}@example.org` })))
    const all = await Promise.all(sessions.map((session) => rename('wanted', session)))
    expect(all.map(({ status }) => status).sort()).toEqual([204, 409, 409, 409, 409])
  })
})

describe('a sign-in', () => {
  test('from a new browser or network is told to a proven address, and from a known one not', async () => {
    await register()
    await verify()
    const from = (agent: string, address: string) =>
      login('grace', PASSWORD, { headers: { 'user-agent': agent, 'x-forwarded-for': address } })
    await from('Firefox/145 (Linux)', '192.0.2.7')
    const letter = await t.letters.next('a new sign-in')
    expect(letter.text).toContain('Firefox/145 (Linux)')
    expect(letter.text).toContain('192.0.2.7')
    // By the registries of addresses, looked up here: a documentation network is nobody's.
    expect(letter.text).not.toContain('192.0.2.7,')
    await from('Firefox/146 (Linux)', '192.0.2.8')
    await quiet()
    expect(t.letters.find('a new sign-in')).toHaveLength(1)
    await from('<b>Firefox/146 (Linux)', '192.0.2.8')
    expect((await t.letters.next('a new sign-in', { count: 2 })).html).toContain('&lt;b&gt;Firefox')
  })

  test('is told with its country, in the mail and among the sessions', async () => {
    const session = await register()
    await verify()
    await login('grace', PASSWORD, { headers: { 'user-agent': 'Firefox/145', 'x-forwarded-for': '193.0.6.139' } })
    expect((await t.letters.next('a new sign-in')).text).toContain('193.0.6.139, Netherlands')
    const response = await fetch(`${t.url}/api/account/sessions`, { headers: { authorization: `Bearer ${session}` } })
    const { sessions } = (await response.json()) as { sessions: { address: string | null; place: string | null }[] }
    expect(sessions.map(({ address, place }) => [address, place])).toContainEqual(['193.0.6.139', 'Netherlands'])
  })
})

test('links in any order: each is good once, for its kind and its time, whoever opens it how often', async () => {
  let index = 0
  const action = fc.record({
    what: fc.constantFrom('use', 'ask', 'wait'),
    which: fc.nat(3),
    kind: fc.constantFrom('verify', 'reset'),
    at: fc.nat(2)
  })
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 8 }), async (actions) => {
      const username = `user${index++}`
      const email = `${username}@example.org`
      const from = { headers: { 'x-forwarded-for': `10.${index}.0.1` } }
      const response = await send('/api/register', { ...grace, username, email }, from)
      const { access_token: token } = (await response.json()) as Tokens
      // What must hold, said plainly: the newest of its kind, unused, in time.
      const issued = {
        verify: [{ token: await mailed('confirm your e-mail', { to: email }), atMs: t.clock.nowMs(), used: false }],
        reset: [] as { token: string; atMs: number; used: boolean }[]
      }
      const lifeMs = { verify: 86_400_000, reset: 1_800_000 }
      for (const { what, which, kind, at } of actions) {
        if (what === 'wait') t.clock.advance({ minutes: [1, 31, 60 * 25][at] ?? 1 })
        else if (what === 'ask') {
          const subject = kind === 'reset' ? 'choose a new password' : 'confirm your e-mail'
          const count = t.letters.find(subject, email).length + 1
          const asked =
            kind === 'reset'
              ? await send(
                  '/api/password/reset',
                  { name: username },
                  { headers: { 'x-forwarded-for': `10.${index}.${count}.2` } }
                )
              : await send('/api/account/verify', {}, { token })
          if (asked.status > 204 || count > 4) continue
          issued[kind].push({ token: await mailed(subject, { to: email, count }), atMs: t.clock.nowMs(), used: false })
        } else {
          const list = issued[kind]
          const link = list[which % Math.max(1, list.length)]
          if (!link) continue
          const path = kind === 'reset' ? '/api/password/reset/confirm' : '/api/account/verify/confirm'
          const open = (at = path) =>
            send(at, { token: link.token, ...(kind === 'reset' && { password: `a good one ${index}` }) })
          const other = kind === 'reset' ? '/api/account/verify/confirm' : '/api/account/email/confirm'
          expect((await send(other, { token: link.token })).status).toBe(404)
          const all = await Promise.all([open(), open(), open()])
          const isGood = !link.used && link === list.at(-1) && t.clock.nowMs() - link.atMs < lifeMs[kind]
          expect(all.filter(({ status }) => status === 204)).toHaveLength(isGood ? 1 : 0)
          if (isGood) link.used = true
        }
      }
    }),
    { numRuns: 25 }
  )
})

test('nothing of a token is in the database, and no answer has one', async () => {
  await register()
  await send('/api/password/reset', { name: 'grace' })
  const token = await mailed('choose a new password')
  expect(token).toMatch(/^[\w-]{43}$/)
  await until(() => t.letters.all.length >= 2)
  const { events } = await t.local<{ events: object[] }>('GET', '/admin/api/events')
  expect(JSON.stringify(events)).not.toContain(token)
})
