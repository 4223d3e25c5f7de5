import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAuthenticator } from '../src/testing/authenticator.js'
import { newChatId, newMessageId, turnHeaders } from '../src/testing/chats.js'
import { pageVisitor, registration } from '../src/testing/page-visitor.js'
import { person, type SessionTokens } from '../src/testing/people.js'
import { refusal } from '../src/testing/refusal.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

// OWASP ASVS 5.0, chapters 8 and 15.3: whose things are whose, and which fields.
let t: TestServer
let grace: ReturnType<typeof person>
let mallory: string

beforeEach(async () => {
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off' } })
  grace = person(t)
  mallory = (await person(t, 'mallory').register()).access_token
})
afterEach(() => t.close())

interface Operation {
  readonly method: string
  readonly path: string
  readonly isJson: boolean
}

/** Every route there is, as the server's own description has it. */
async function operations(): Promise<Operation[]> {
  type Described = { requestBody?: { content: object } }
  const { paths } = (await (await fetch(`${t.url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Described>>
  }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { requestBody }]) => {
      const isJson = requestBody !== undefined && 'application/json' in requestBody.content
      return { method: method.toUpperCase(), path, isJson }
    })
  )
}

const SAID = newMessageId()
const PICTURE = Buffer.from('a picture')
const PICTURE_HASH = createHash('sha256').update(PICTURE).digest('hex')

/** A chat of Grace's, with a picture in it. */
async function herChat(): Promise<string> {
  await t.local('PUT', '/admin/api/users/grace/subscription', { plan: 'pro' })
  const { key } = await t.local<{ key: string }>('POST', '/api/keys?username=grace', { name: 'c', scope: 'cli' })
  const source = { type: 'base64', media_type: 'image/png', data: PICTURE.toString('base64') }
  const messages = [{ role: 'user', content: [{ type: 'image', source }] }]
  const chat = newChatId()
  const question = { model: 'claude-haiku-4-5', max_tokens: 64, messages }
  const response = await t.post(question, { key, headers: turnHeaders({ chat, message: SAID }) })
  expect(response.headers.get('caicaini-chat')).toBe('saved')
  return chat
}

/** Something of everything that has an id, all of one account. */
async function belongings(token: string) {
  const post = <T>(path: string, body: object, as = token) => grace.answer<T>(grace.post(path, body, as))
  const made = await post<{ id: string; key: string }>('/api/keys', { name: 'k' })
  await t.local('POST', '/admin/api/credits/grant', { username: 'grace', credits: 100 })
  const session = await post<{ id: string }>('/api/keys/self/sessions', { label: 'run', cap: 5 }, made.key)
  const question = { model: 'claude-haiku-4-5', max_tokens: 64, messages: [{ role: 'user', content: 'hi' }] }
  const receipt = (await t.post(question, { key: made.key })).headers.get('request-id') ?? ''
  const { id: exported } = await post<{ id: string }>('/api/account/export', {})
  const browser = createAuthenticator(t.url)
  const passkey = browser.create(await post('/api/account/passkeys/options', {}))
  const added = await post<{ passkey: { id: string } }>('/api/account/passkeys', { name: 'laptop', passkey })
  const all = grace.call('GET', '/api/account/sessions', undefined, token)
  const { sessions } = await grace.answer<{ sessions: { id: string }[] }>(all)
  const [chat, another] = [await herChat(), await herChat()]
  return {
    key: made.key,
    byPath: {
      '/api/chats/{id}': chat,
      '/api/chats/{id}/messages': another,
      '/api/chats/{id}/fork': another,
      '/api/chats/{id}/files/{sha256}': another,
      '/api/keys/self/sessions/{id}': session.id,
      '/api/keys/self/sessions/{id}/end': session.id,
      '/api/keys/{id}': made.id,
      '/api/keys/{id}/rotate': made.id,
      '/api/keys/{id}/revoke': made.id,
      '/api/receipts/{id}': receipt,
      '/api/account/export/{id}': exported,
      '/api/account/sessions/{id}/end': sessions[0]?.id ?? '',
      '/api/account/passkeys/{id}': added.passkey.id
    } as Record<string, string>
  }
}

const BODIES: Record<string, object> = {
  'PATCH /api/chats/{id}': { title: 'mine now' },
  'POST /api/chats/{id}/fork': { id: newChatId(), message: SAID },
  'PATCH /api/keys/self/sessions/{id}': { cap: 90 },
  'PATCH /api/keys/{id}': { name: 'mine now' },
  'POST /api/keys/{id}/rotate': { overlap_s: 0 },
  'PATCH /api/account/passkeys/{id}': { name: 'mine now' }
}

const bodyFor = (method: string, path: string) =>
  method === 'POST' || method === 'PATCH' ? (BODIES[`${method} ${path}`] ?? {}) : undefined

test('8.2.1 whoever has no key, and no session, gets nowhere that is not open to all', async () => {
  const open =
    /^\/(webhooks|api\/(register|login|refresh|device|captcha|password\/reset)|api\/account\/(verify|email)\/(confirm|undo))/
  for (const { method, path } of (await operations()).filter((each) => !open.test(each.path))) {
    const body = method === 'GET' ? undefined : {}
    expect({ method, path, status: (await grace.call(method, path, body)).status }).toEqual({
      method,
      path,
      status: 401
    })
  }
})

test('8.2.1 operators’ routes are for operators', async () => {
  for (const { method, path } of (await operations()).filter((each) => each.path.startsWith('/admin'))) {
    const body = method === 'GET' ? undefined : {}
    for (const as of [mallory, t.key])
      expect({ path, status: (await grace.call(method, path, body, as)).status }).toEqual({ path, status: 403 })
  }
})

test('8.2.2 no id of another account is good for anything, on any route', async () => {
  const { access_token } = await grace.register()
  const { byPath, key } = await belongings(access_token)
  const withIds = (await operations()).filter(({ path }) => path.startsWith('/api/') && path.includes('{'))
  expect(withIds.map(({ path }) => path).filter((path) => byPath[path] === undefined)).toEqual([])
  const theirs = await grace.answer<{ key: string }>(grace.post('/api/keys', { name: 'k', scope: 'cli' }, mallory))
  for (const { method, path } of withIds) {
    const body = bodyFor(method, path)
    const own = path.replace('{id}', byPath[path] ?? '').replace('{sha256}', PICTURE_HASH)
    const statuses = await Promise.all(
      [mallory, theirs.key, t.key].map(async (as) => (await grace.call(method, own, body, as)).status)
    )
    // 403 where that kind of caller may not ask at all; whose it is, nobody learns.
    expect({ path, others: statuses.filter((status) => status !== 404 && status !== 403) }).toEqual({
      path,
      others: []
    })
    expect({ path, statuses }).toEqual({ path, statuses: expect.arrayContaining([404]) })
    const nobodys = await grace.call(
      method,
      path.replace('{id}', 'none_there').replace('{sha256}', PICTURE_HASH),
      body,
      mallory
    )
    expect({ path, status: statuses[0] }).toEqual({ path, status: nobodys.status })
  }
  // Whose they are may do all of it: so the ids were right, and nothing was lost on the way. Her own session ends last.
  const endsHers = ({ path }: Operation) => Number(path.includes('/account/sessions/'))
  for (const { method, path } of withIds.toSorted((a, b) => endsHers(a) - endsHers(b))) {
    const own = path.replace('{id}', byPath[path] ?? '').replace('{sha256}', PICTURE_HASH)
    const as = path.startsWith('/api/keys/self') ? key : access_token
    const { ok } = await grace.call(method, own, bodyFor(method, path), as)
    expect({ path, ok }).toEqual({ path, ok: true })
  }
})

test('8.2.2 naming another account in a query is refused', async () => {
  await grace.register()
  for (const [method, path, body] of [
    ['GET', '/api/keys', undefined],
    ['POST', '/api/keys', { name: 'k' }],
    ['PATCH', '/api/keys/key_x', { name: 'k' }],
    ['POST', '/api/keys/key_x/rotate', { overlap_s: 0 }],
    ['POST', '/api/keys/key_x/revoke', {}]
  ] as const) {
    const response = await grace.call(method, `${path}?username=grace`, body, mallory)
    expect(await refusal(response)).toMatchObject({ status: 403, error: { code: 'scope' } })
  }
})

test('8.2.3 an account’s own fields that are not its to set cannot be set', async () => {
  const fields = { role: 'owner', plan: 'max', tier: 'high', balance: 1e6, email_verified: true, status: 'active' }
  const before = await (await grace.call('GET', '/api/account', undefined, mallory)).json()
  for (const [name, value] of Object.entries(fields)) {
    const body = { email: 'm2@example.org', [name]: value }
    expect((await grace.post('/api/account/email', body, mallory)).status).toBe(400)
    expect((await grace.post('/api/account/username', { username: 'mal2', [name]: value }, mallory)).status).toBe(400)
    expect((await grace.post('/api/keys', { name: 'k', [name]: value }, mallory)).status).toBe(400)
  }
  expect(await (await grace.call('GET', '/api/account', undefined, mallory)).json()).toEqual(before)
})

describe('bodies', () => {
  test('15.3.3 a field that a route does not know is refused by name, on every route', async () => {
    const cli = await grace.answer<SessionTokens & { key: string }>(
      grace.post('/api/keys', { name: 'c', scope: 'cli' }, mallory)
    )
    // A webhook is known by its sender's signature, which comes before what is in it.
    const routes = (await operations()).filter(({ isJson, path }) => isJson && !path.startsWith('/webhooks/'))
    expect(routes.length).toBeGreaterThan(30)
    for (const { method, path } of routes) {
      const told = await Promise.all(
        [mallory, cli.key, t.key, 'local'].map(async (as) => {
          const init = { method, body: '{"is_admin":true}', headers: { 'content-type': 'application/json' } }
          const response =
            as === 'local'
              ? await t.server.fetchLocal(new Request(`http://local${path}`, init))
              : await grace.call(method, path, { is_admin: true }, as)
          return `${response.status} ${await response.text()}`
        })
      )
      const isNamed = told.some((each) => each.startsWith('400') && each.includes('is_admin'))
      expect({ method, path, isNamed, told: isNamed ? [] : told }).toEqual({ method, path, isNamed: true, told: [] })
    }
  })

  test('15.3.3 a field that a page’s form does not have sets nothing', async () => {
    const browser = pageVisitor(t)
    const more = { role: 'owner', plan: 'max', email_verified: 'true', account_id: 'acc_x' }
    await browser.submit('/register', { ...registration('heidi'), ...more })
    const access = browser.jar.get('caicaini_access')
    const profile = await grace.answer(grace.call('GET', '/api/account', undefined, access))
    expect(profile).toMatchObject({ username: 'heidi', plan: 'free', email_verified: false })
    expect((await grace.call('GET', '/admin/api/users', undefined, access)).status).toBe(403)
  })

  test('15.3.3 nothing comes by way of an object’s prototype, or twice', async () => {
    const send = (body: string) =>
      fetch(`${t.url}/api/keys`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${mallory}` }
      })
    expect((await send('{"name":"k","__proto__":{"scope":"local"}}')).status).toBe(400)
    expect((await send('{"name":"k","constructor":{"prototype":{"scope":"local"}}}')).status).toBe(400)
    expect((await send('[{"name":"k"}]')).status).toBe(400)
    expect(({} as { scope?: string }).scope).toBeUndefined()
  })
})
