import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { person } from '../src/testing/people.js'
import { register, send, setFactors } from '../src/testing/persons.js'
import { refusal } from '../src/testing/refusal.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

let dataDir: string
let t: TestServer

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'caicaini-reset-factor-'))
  t = await createTestServer({ dataDir, env: { CAICAINI_CAPTCHA: 'off' } })
})
afterEach(async () => {
  await t.close()
  rmSync(dataDir, { recursive: true })
})

const path = (username: string) => `/admin/api/users/${username}/reset-second-factor`
const reset = (username = 'grace') => t.local<object>('POST', path(username), { reason: 'lost her phone' })

/** Somebody with an authenticator app, a confirmed address, a key and two browsers. */
async function withEverything() {
  const grace = person(t)
  const { access_token: token } = await grace.register()
  await grace.post('/api/account/verify/confirm', { token: t.letters.tokenOf(await t.letters.next(/confirm/i)) })
  const { code, codes } = await grace.withApp(token)
  const { key } = await grace.answer<{ key: string }>(grace.post('/api/keys', { name: 'k' }, token))
  return { grace, token, key, code, codes }
}

test('its owner gets in by the password alone, everybody is signed out, keys are left alone', async () => {
  const { grace, token, key, codes } = await withEverything()
  const ticket = await grace.ticket()
  expect(await reset()).toEqual({
    username: 'grace',
    totp: true,
    passkeys: 0,
    recovery_codes: 10,
    sessions_ended: 1
  })
  expect((await grace.call('GET', '/api/account', undefined, token)).status).toBe(401)
  expect((await send(t, 'GET', '/v1/models', { headers: { 'x-api-key': key } })).status).toBe(200)
  // Neither what was begun before, nor an old recovery code, is good for anything.
  expect((await grace.post('/api/login/second', { ticket, recovery_code: codes[0] })).status).toBe(401)
  const { access_token } = (await (await grace.login()).json()) as { access_token: string }
  const status = grace.call('GET', '/api/account/second-factor', undefined, access_token)
  expect(await grace.answer(status)).toEqual({ totp: false, passkeys: [], recovery_codes_left: 0 })
  expect((await grace.withApp(access_token)).codes).toHaveLength(10)
})

test('the owner is told, and the log has who, why and what there was, for the owner, too', async () => {
  const { grace } = await withEverything()
  await reset()
  expect((await t.letters.next(/second factor/, { count: 3 })).text).toContain('an operator took it away')
  const { events } = await t.local<{ events: object[] }>('GET', '/admin/api/audit?action=second_factor.reset')
  expect(events).toMatchObject([
    {
      actor: 'owner',
      subject: 'grace',
      detail: { reason: 'lost her phone', sessions: 1 },
      before: { totp: true, passkeys: 0, recovery_codes: 10 },
      after: { totp: false, passkeys: 0, recovery_codes: 0 }
    }
  ])
  const { access_token } = (await (await grace.login()).json()) as { access_token: string }
  const own = await grace.answer<{ events: { action: string }[] }>(
    grace.call('GET', '/api/account/audit', undefined, access_token)
  )
  expect(own.events.map(({ action }) => action)).toContain('second_factor.reset')
})

test('operators do it with a second factor and a fresh proof, and on those below alone', async () => {
  await withEverything()
  const [olga, sam] = [await register(t, 'olga'), await register(t, 'sam')]
  await register(t, 'otto')
  for (const [name, role] of [
    ['olga', 'operator'],
    ['otto', 'operator'],
    ['sam', 'support']
  ] as const)
    await t.local('PUT', `/admin/api/users/${name}/role`, { role })
  const ask = (username: string, as = olga) => send(t, 'POST', path(username), { as, body: { reason: 'x' } })
  expect((await refusal(await ask('grace'))).error).toMatchObject({ code: 'scope' })
  setFactors(dataDir, ['olga', 'otto', 'sam'], 2)
  for (const [name, status] of [
    ['olga', 403],
    ['otto', 403],
    ['owner', 403],
    ['nobody', 404],
    ['ada', 409],
    ['grace', 200],
    ['grace', 409]
  ] as const)
    expect([name, (await ask(name)).status]).toEqual([name, status])
  expect((await ask('grace', sam)).status).toBe(403)
  t.clock.advance({ minutes: 11 })
  expect((await refusal(await ask('grace'))).error).toMatchObject({ code: 'step_up' })
})

test('it takes a reason', async () => {
  await withEverything()
  await expect(t.local('POST', path('grace'), {})).rejects.toThrow('400')
})
