import { afterEach, beforeEach, expect, test } from 'vitest'
import { refusal } from '../src/testing/refusal.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

let t: TestServer
let token: string
const password = 'a compiler of my own'

beforeEach(async () => {
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off' } })
  const person = { username: 'Grace', email: 'grace@example.org', password, age: 18, terms: '2026-11-21' }
  const made = (await (await send('/api/register', person)).json()) as { access_token: string }
  token = made.access_token
})
afterEach(() => t.close())

const send = (path: string, body: object, as?: string) =>
  fetch(t.url + path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...(as && { authorization: `Bearer ${as}` }) }
  })
const mint = (as = token) => send('/api/keys', { name: 'laptop' }, as)

test('a browser mints a key within ten minutes of a proof, and not after', async () => {
  const { key } = (await (await mint()).json()) as { key: string }
  expect(key).toMatch(/^cai_api_/)
  expect((await t.get<{ account: { username: string } }>('/api/keys/self', key)).account.username).toBe('Grace')
  t.clock.advance({ minutes: 11 })
  expect(await refusal(await mint())).toMatchObject({ status: 403, error: { code: 'step_up' } })
  expect((await send('/api/step-up', { password: 'wrong password' }, token)).status).toBe(401)
  expect((await mint()).status).toBe(403)
  expect((await send('/api/step-up', { password }, token)).status).toBe(204)
  expect((await mint()).status).toBe(201)
})

test('a key cannot step up, and mints no other', async () => {
  const made = (await (await send('/api/keys', { name: 'k', scope: 'cli' }, token)).json()) as { key: string }
  expect((await mint(made.key)).status).toBe(403)
  expect(await refusal(await send('/api/step-up', { password }, made.key))).toMatchObject({ error: { code: 'scope' } })
})

test('another account’s keys are not minted by it', async () => {
  expect((await send('/api/keys?username=ada', { name: 'k' }, token)).status).toBe(403)
})

test('guesses by one browser are slowed, at once as in a row, and hold no other browser up', async () => {
  const guesses = await Promise.all(
    Array.from({ length: 12 }, (_, i) => send('/api/step-up', { password: `guess ${i}` }, token))
  )
  expect(guesses.filter(({ status }) => status === 401)).toHaveLength(6)
  expect(guesses.filter(({ status }) => status === 429)).toHaveLength(6)
  expect((await send('/api/step-up', { password }, token)).status).toBe(429)
  const other = (await (await send('/api/login', { name: 'grace', password })).json()) as { access_token: string }
  expect((await send('/api/step-up', { password }, other.access_token)).status).toBe(204)
})
