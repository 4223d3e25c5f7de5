import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { register, send, setFactors } from '../src/testing/persons.js'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'

let dataDir: string
let t: TestServer
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'caicaini-audit-'))
  t = await createTestServer({ dataDir, env: { CAICAINI_CAPTCHA: 'off' } })
})
afterEach(async () => {
  await t.close()
  rmSync(dataDir, { recursive: true })
})

interface Line {
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly from: string | null
  readonly detail: Record<string, unknown>
  readonly before: object | null
  readonly after: object | null
}
const audit = async (query = '') => (await t.local<{ events: Line[] }>('GET', `/admin/api/audit${query}`)).events
const from = { 'x-forwarded-for': '203.0.113.7' }
const query = (sql: string) => {
  const database = new Database(join(dataDir, 'caicaini.sqlite'))
  try {
    return database.prepare(sql).all() as Record<string, unknown>[]
  } finally {
    database.close()
  }
}

describe('the log', () => {
  test('says who, what, to whom, from where, and what was before and after', async () => {
    const olga = await register(t, 'olga', from)
    await t.local('PUT', '/admin/api/users/olga/role', { role: 'operator' })
    setFactors(dataDir, ['olga'], 2)
    const body = { key: { requests_per_minute: 7 } }
    await send(t, 'PUT', '/admin/api/users/ada/limits', { as: olga, body, headers: from })
    await send(t, 'PUT', '/admin/api/users/ada/limits', { as: olga, body: {}, headers: from })
    const [last, first] = await audit('?subject=ada&actor=olga')
    expect(first).toMatchObject({
      ...{ actor: 'olga', action: 'user.limits', subject: 'ada', from: '203.0.113.7' },
      ...{ before: {}, after: { key: { requests_per_minute: 7 }, account: {} } }
    })
    expect(last).toMatchObject({ before: first?.after, after: { key: {}, account: {} } })
    expect(await audit('?subject=olga&action=user.role')).toMatchObject([
      { actor: 'owner', from: null, before: { role: 'user' }, after: { role: 'operator' } }
    ])
  })

  test('is filtered by a family of actions, a time and a number', async () => {
    await t.local('POST', '/api/keys?username=ada', { name: 'one' })
    t.clock.advance({ days: 2 })
    await t.local('POST', '/api/keys?username=ada', { name: 'two' })
    expect((await audit('?action=key')).every(({ action }) => action.startsWith('key.'))).toBe(true)
    expect(await audit('?action=key.creat')).toEqual([])
    expect((await audit('?action=key&since=24h')).map(({ detail }) => detail.name)).toEqual(['two'])
    expect(await audit('?limit=1')).toHaveLength(1)
  })

  test('follows an account that is another’s name by chance, and no provider', async () => {
    await t.local('POST', '/admin/api/users', { username: 'anthropic' })
    const ask = { provider: 'anthropic', from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z' }
    await t.local('POST', '/admin/api/credits/reconcile', ask)
    expect((await audit('?subject=anthropic')).map(({ action }) => action)).toEqual(['user.create'])
  })

  test('holds no secret, and refuses to be changed', async () => {
    await t.local('POST', '/admin/api/users/ada/suspend', { reason: `its key ${t.key} leaked` })
    expect(JSON.stringify(await audit())).not.toContain(t.key)
    expect(() => query('delete from operator_event returning 1')).toThrow('append-only')
    expect(() => query(`update operator_event set detail = '{}' returning 1`)).toThrow('append-only')
  })

  test('keeps addresses sealed, and a year', async () => {
    await register(t, 'olga', from)
    const stored = query('select address from event_origin')
    expect(stored.length).toBeGreaterThan(0)
    expect(JSON.stringify(stored)).not.toContain('203.0.113.7')
    t.clock.advance({ days: 366 })
    await until(() => query('select address from event_origin').length === 0)
    expect((await audit('?actor=olga'))[0]).toMatchObject({ action: 'account.register', from: null })
  })
})

test('an account sees its own lines, and of operators the act and the reason', async () => {
  const grace = await register(t, 'grace', from)
  await send(t, 'POST', '/api/keys', { as: grace, body: { name: 'mine' }, headers: from })
  await t.local('POST', '/admin/api/users/grace/suspend', { reason: 'late', note: 'ticket 7' })
  await t.local('POST', '/admin/api/users/grace/unsuspend', { reason: 'paid' })
  const login = await send(t, 'POST', '/api/login', { body: { name: 'grace', password: 'a compiler of my own' } })
  const { access_token: token } = (await login.json()) as { access_token: string }
  const response = await send(t, 'GET', '/api/account/audit', { as: { username: 'grace', token } })
  const { events } = (await response.json()) as { events: Record<string, unknown>[] }
  expect(events.map(({ by, action, from: at, detail }) => [by, action, at, detail])).toEqual([
    ['you', 'account.sign_in', null, {}],
    ['operator', 'user.unsuspend', null, { reason: 'paid' }],
    ['operator', 'user.suspend', null, { reason: 'late' }],
    ['you', 'key.create', '203.0.113.7', { key: expect.any(String), name: 'mine', scope: 'api' }],
    ['you', 'account.register', '203.0.113.7', {}]
  ])
  expect(JSON.stringify(events)).not.toContain('ticket 7')
})

test('support sees no addresses', async () => {
  const sam = await register(t, 'sam', from)
  await t.local('PUT', '/admin/api/users/sam/role', { role: 'support' })
  setFactors(dataDir, ['sam'], 2)
  const { events } = (await (await send(t, 'GET', '/admin/api/audit', { as: sam })).json()) as { events: Line[] }
  expect(events.length).toBeGreaterThan(1)
  expect(events.every((event) => event.from === null)).toBe(true)
})
