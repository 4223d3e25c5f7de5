import { generateKeyPairSync, sign } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { refusal } from '../src/testing/refusal.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const KEYS_URL = 'https://keys.example/of-github'

let t: TestServer
let asked: string[]
let published: object | undefined

beforeEach(async () => {
  asked = []
  published = { public_keys: [{ key_identifier: 'k1', key: pem, is_current: true }] }
  const play = (async (url: string) => {
    asked.push(url)
    return published ? Response.json(published) : new Response('', { status: 503 })
  }) as typeof fetch
  t = await createTestServer({
    env: {
      CAICAINI_CAPTCHA: 'off',
      CAICAINI_GITHUB_KEYS_URL: KEYS_URL,
      CAICAINI_SECURITY_CONTACT: 'mailto:s@example.org'
    },
    world: { fetch: play }
  })
})
afterEach(() => t.close())

const match = (token: string) => ({
  token,
  type: 'caicaini_api_key',
  url: 'https://github.com/o/r/blob/x',
  source: 'content'
})
const report = (body: string, headers: Record<string, string> = {}) =>
  fetch(`${t.url}/webhooks/leaked-key`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'github-public-key-identifier': 'k1',
      'github-public-key-signature': sign('sha256', Buffer.from(body), pair.privateKey).toString('base64'),
      ...headers
    }
  })
const self = async (key: string) => fetch(`${t.url}/api/keys/self`, { headers: { 'x-api-key': key } })
const events = async () =>
  (await t.local<{ events: { action: string; detail: object }[] }>('GET', '/admin/api/events')).events

describe("GitHub's report", () => {
  test('revokes each key of ours at once, session keys too, and tells which were', async () => {
    const made = await fetch(`${t.url}/api/keys/self/sessions`, {
      method: 'POST',
      body: JSON.stringify({ label: 's', cap: 1 }),
      headers: { 'x-api-key': t.ownerKey, 'content-type': 'application/json' }
    })
    const { key: session } = (await made.json()) as { key: string }
    expect((await self(t.key)).status).toBe(200)
    const unknown = `cai_api_${'0'.repeat(36)}`
    // Spaced as no JSON.stringify does: the bytes are what is signed.
    const body = ` ${JSON.stringify([match(t.key), match(session), match(unknown), match('nonsense')], null, 3)}\n`
    const response = await report(body)
    expect(response.status).toBe(200)
    const labels = ((await response.json()) as { token_raw: string; label: string }[]).map(({ label }) => label)
    expect(labels).toEqual(['true_positive', 'true_positive', 'false_positive', 'false_positive'])
    expect((await refusal(await self(t.key))).error.code).toBe('revoked_key')
    expect((await self(session)).status).toBe(401)
    expect((await self(t.ownerKey)).status).toBe(200)
    const leaked = (await events()).filter(({ action }) => action === 'key.leaked')
    expect(leaked).toHaveLength(2)
    expect(leaked[1]?.detail).toMatchObject({ by: 'github', found_at: 'https://github.com/o/r/blob/x' })
    expect(JSON.stringify(await events())).not.toContain(t.key)
    const again = (await (await report(body)).json()) as { label: string }[]
    expect(again[0]?.label).toBe('true_positive')
    expect((await events()).filter(({ action }) => action === 'key.leaked')).toHaveLength(2)
  })

  test.each([
    [
      'another body',
      { 'github-public-key-signature': sign('sha256', Buffer.from('[]'), pair.privateKey).toString('base64') }
    ],
    ['no signature', { 'github-public-key-signature': '' }],
    ['an unknown key', { 'github-public-key-identifier': 'https://evil.example/keys' }],
    ['no key', { 'github-public-key-identifier': '' }]
  ])('that bears %s changes nothing', async (_, headers) => {
    const refused = await refusal(await report(JSON.stringify([match(t.key)]), headers))
    expect(refused).toMatchObject({ status: 401, error: { code: 'bad_signature' } })
    expect((await self(t.key)).status).toBe(200)
    expect(asked.every((url) => url === KEYS_URL)).toBe(true)
  })

  test('that is signed and malformed is 400', async () => {
    for (const body of ['{}', '[{"token":1}]', 'x']) expect((await report(body)).status).toBe(400)
  })

  test('asks for the keys once an hour, and sooner, once a minute, for a name that is new', async () => {
    for (let i = 0; i < 3; i++) await report('[]')
    expect(asked).toHaveLength(1)
    for (let i = 0; i < 3; i++) await report('[]', { 'github-public-key-identifier': 'k2' })
    expect(asked).toHaveLength(1)
    t.clock.advance({ minutes: 2 })
    await report('[]', { 'github-public-key-identifier': 'k2' })
    expect(asked).toHaveLength(2)
    // GitHub out of reach: what was known stays known.
    published = undefined
    t.clock.advance({ minutes: 61 })
    expect((await report('[]')).status).toBe(200)
    expect(asked).toHaveLength(3)
  })
})

describe('the public form', () => {
  const tell = (key: string) =>
    fetch(`${t.url}/security/leak`, { method: 'POST', body: new URLSearchParams({ key, found_at: 'a log' }) })

  test('revokes a key by its text and shows nothing of whose it is', async () => {
    const response = await tell(` ${t.key} `)
    expect(response.status).toBe(200)
    const text = await response.text()
    expect(text).toContain('The key is revoked')
    expect(text).not.toMatch(/ada|laptop/)
    expect((await self(t.key)).status).toBe(401)
    expect((await events())[0]).toMatchObject({ action: 'key.leaked', detail: { by: 'form', found_at: 'a log' } })
  })

  test('slows down who tries texts', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 7; i++) statuses.push((await tell('cai_api_guess')).status)
    expect(statuses).toEqual([404, 404, 404, 404, 404, 404, 429])
  })
})

test('security.txt is as RFC 9116 has it', async () => {
  const response = await fetch(`${t.url}/.well-known/security.txt`)
  expect(response.headers.get('content-type')).toMatch(/^text\/plain/)
  expect((await response.text()).split('\n')).toEqual([
    'Contact: mailto:s@example.org',
    'Expires: 2027-05-14T00:00:00.000Z',
    'Preferred-Languages: en',
    `Canonical: ${t.url}/.well-known/security.txt`,
    ''
  ])
})
