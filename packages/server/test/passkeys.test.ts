import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../src/lib/clock.js'
import { createAuthenticator } from '../src/testing/authenticator.js'
import { createChildServers } from '../src/testing/child-server.js'
import { person, type SessionTokens } from '../src/testing/people.js'
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

type Options = { challenge: string; allowCredentials?: { id: string }[] }
type Person = typeof grace
const ask = (path: string, body: object = {}, as?: string, who = grace) => who.answer<Options>(who.post(path, body, as))

async function add(key = createAuthenticator(t.url), { who = grace, as = token }: { who?: Person; as?: string } = {}) {
  const passkey = key.create(await ask('/api/account/passkeys/options', {}, as, who))
  const added = await who.answer<{ passkey: { id: string }; recovery_codes: string[] | null }>(
    who.post('/api/account/passkeys', { name: 'laptop', passkey }, as)
  )
  return { key, ...added }
}
const events = async () =>
  (await t.local<{ events: { action: string; detail: object }[] }>('GET', '/admin/api/events')).events

test('is a way in of its own, of two factors, and counts its uses', async () => {
  const { key, recovery_codes } = await add()
  expect(recovery_codes).toHaveLength(10)
  const passkey = key.get(await ask('/api/login/passkey/options'))
  const tokens = await grace.answer<SessionTokens>(grace.post('/api/login/passkey', { passkey }))
  expect((await grace.post('/api/keys', { name: 'k' }, tokens.access_token)).status).toBe(201)
  const status = await grace.answer<{ passkeys: { last_used_at: string | null }[] }>(
    grace.call('GET', '/api/account/second-factor', undefined, token)
  )
  expect(status.passkeys).toMatchObject([{ name: 'laptop', last_used_at: expect.stringMatching(/^2026/) }])
  expect((await grace.post('/api/login/passkey', { passkey })).status).toBe(401)
})

test('is a second factor: the password alone lets nobody in any more', async () => {
  const { key } = await add()
  const ticket = await grace.ticket()
  const options = await ask('/api/login/passkey/options', { ticket })
  expect(options.allowCredentials).toMatchObject([{ id: key.id }])
  const passkey = key.get(options, { isUserVerified: false })
  expect((await grace.post('/api/login/second', { ticket, passkey })).status).toBe(200)
})

test('alone, it must tell that it knows its owner', async () => {
  const { key } = await add()
  const passkey = key.get(await ask('/api/login/passkey/options'), { isUserVerified: false })
  expect((await grace.post('/api/login/passkey', { passkey })).status).toBe(401)
})

test('of another site, of another owner or unknown, it is refused', async () => {
  const { key } = await add()
  const options = () => ask('/api/login/passkey/options')
  const enter = async (passkey: object) => (await grace.post('/api/login/passkey', { passkey })).status
  expect(await enter(key.get(await options(), { origin: 'https://evil.example' }))).toBe(401)
  expect(await enter(key.get(await options(), { userHandle: 'b3RoZXI' }))).toBe(401)
  expect(await enter({ ...key.get({ ...(await options()), rpId: 'evil.example' } as never) })).toBe(401)
  expect(await enter(createAuthenticator(t.url).get(await options()))).toBe(401)
  const impostor = createAuthenticator(t.url)
  expect(await enter({ ...impostor.get(await options()), id: key.id, rawId: key.id })).toBe(401)
  expect(await enter({ id: 'x', response: { clientDataJSON: 'x' } })).toBe(401)
  expect(await enter(key.get(await options()))).toBe(200)
})

test('an answer goes with the ticket, the session and the purpose that it was asked for', async () => {
  const { key } = await add()
  const [one, two] = [await grace.ticket(), await grace.ticket()]
  const forOne = key.get(await ask('/api/login/passkey/options', { ticket: one }))
  expect((await grace.post('/api/login/second', { ticket: two, passkey: forOne })).status).toBe(401)
  const forStepUp = key.get(await ask('/api/step-up/options', {}, token))
  expect((await grace.post('/api/login/passkey', { passkey: forStepUp })).status).toBe(401)
  const forNobody = key.get(await ask('/api/login/passkey/options'))
  expect((await grace.post('/api/login/second', { ticket: one, passkey: forNobody })).status).toBe(401)
})

test('of one account, it is no second factor of another', async () => {
  await add()
  const linus = person(t, 'linus')
  const as = (await linus.register()).access_token
  const { key: theirs } = await add(createAuthenticator(t.url), { who: linus, as })
  const ticket = await grace.ticket()
  const passkey = theirs.get(await ask('/api/login/passkey/options', { ticket }))
  expect((await grace.post('/api/login/second', { ticket, passkey })).status).toBe(401)
  const { passkeys } = await linus.answer<{ passkeys: { id: string }[] }>(
    linus.call('GET', '/api/account/second-factor', undefined, as)
  )
  expect((await grace.call('DELETE', `/api/account/passkeys/${passkeys[0]?.id}`, undefined, token)).status).toBe(404)
})

test('a challenge is over after five minutes', async () => {
  const { key } = await add()
  const passkey = key.get(await ask('/api/login/passkey/options'))
  t.clock.advance({ minutes: 5 })
  expect((await grace.post('/api/login/passkey', { passkey })).status).toBe(401)
})

test('a copy, which counts no further, is refused and written down', async () => {
  const { key } = await add()
  const enter = async (counter: number) =>
    (await grace.post('/api/login/passkey', { passkey: key.get(await ask('/api/login/passkey/options'), { counter }) }))
      .status
  expect(await enter(7)).toBe(200)
  expect(await enter(7)).toBe(401)
  expect(await enter(3)).toBe(401)
  expect((await events()).filter(({ action }) => action === 'passkey.regress')).toMatchObject([
    { detail: { stored: 7, brought: 3 } },
    { detail: { stored: 7, brought: 7 } }
  ])
  expect(await enter(8)).toBe(200)
})

test('is registered once, with a fresh proof, as it was asked for', async () => {
  const { key } = await add()
  const again = key.create(await ask('/api/account/passkeys/options', {}, token))
  expect((await grace.post('/api/account/passkeys', { name: 'twice', passkey: again }, token)).status).toBe(409)
  const other = createAuthenticator(t.url).create({ challenge: 'bm90IG91cnM', rp: { id: '127.0.0.1' } })
  expect((await grace.post('/api/account/passkeys', { name: 'x', passkey: other }, token)).status).toBe(401)
  t.clock.advance({ minutes: 11 })
  expect(await refusal(await grace.post('/api/account/passkeys/options', {}, token))).toMatchObject({
    error: { code: 'step_up' }
  })
  const passkey = key.get(await ask('/api/step-up/options', {}, token))
  expect((await grace.post('/api/step-up', { passkey }, token)).status).toBe(204)
  expect((await grace.post('/api/account/passkeys/options', {}, token)).status).toBe(200)
})

test('the built server checks passkeys and codes too: its libraries came with it', async () => {
  const children = await createChildServers({ env: { CAICAINI_CAPTCHA: 'off' } })
  try {
    const { url } = await children.serve()
    const linus = person({ url, clock: systemClock }, 'linus')
    const as = (await linus.register()).access_token
    const { key } = await add(createAuthenticator(url), { who: linus, as })
    await linus.withApp(as)
    const passkey = key.get(await ask('/api/login/passkey/options', {}, undefined, linus))
    expect((await linus.post('/api/login/passkey', { passkey })).status).toBe(200)
    const page = await fetch(`${url}/login`)
    expect(page.status).toBe(200)
  } finally {
    await children.close()
  }
})

test('is renamed and removed; with the last one goes the second factor, and its recovery codes', async () => {
  const { key, recovery_codes } = await add()
  const second = await add()
  expect(second.recovery_codes).toBeNull()
  expect((await grace.call('PATCH', `/api/account/passkeys/${key.id}`, { name: 'old' }, token)).status).toBe(204)
  expect((await grace.call('DELETE', `/api/account/passkeys/${key.id}`, undefined, token)).status).toBe(204)
  const recovery_code = recovery_codes?.[0]
  const tokens = await grace.post('/api/login/second', { ticket: await grace.ticket(), recovery_code })
  expect(tokens.status).toBe(200)
  expect((await grace.call('DELETE', `/api/account/passkeys/${second.key.id}`, undefined, token)).status).toBe(204)
  expect(await (await grace.login()).json()).toHaveProperty('access_token')
  const status = grace.call('GET', '/api/account/second-factor', undefined, token)
  expect(await grace.answer(status)).toEqual({ totp: false, passkeys: [], recovery_codes_left: 0 })
  expect((await events()).map(({ action }) => action)).toEqual(
    expect.arrayContaining(['passkey.add', 'passkey.rename', 'passkey.remove'])
  )
})
