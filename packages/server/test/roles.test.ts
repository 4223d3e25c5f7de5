import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_ROUTES } from '../src/admin/roles.js'
import { type Person, register, send, setFactors } from '../src/testing/persons.js'
import { refusal } from '../src/testing/refusal.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

const dataDir = mkdtempSync(join(tmpdir(), 'caicaini-roles-'))
const NAMES = ['anna-user', 'ben-support', 'cleo-operator', 'dan-owner'] as const
let t: TestServer
let people: Person[]
let routes: string[]

beforeAll(async () => {
  t = await createTestServer({ dataDir, env: { CAICAINI_CAPTCHA: 'off' } })
  people = []
  for (const name of NAMES) {
    people.push(await register(t, name))
    await t.local('PUT', `/admin/api/users/${name}/role`, { role: name.split('-')[1] })
  }
  const { paths } = await t.local<{ paths: Record<string, object> }>('GET', '/api/openapi.json')
  routes = Object.entries(paths)
    .filter(([path]) => path.startsWith('/admin/'))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
})
afterAll(async () => {
  await t.close()
  rmSync(dataDir, { recursive: true })
})

/** A request that would do nothing if it came through: its body, or whom it names, is nobody's. */
async function statusOf(route: string, as: Person): Promise<number> {
  const [method = '', path = ''] = route.split(' ')
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: { nothing: 1 } }
  const response = await send(t, method, path.replace(/\{\w+\}/g, 'nobody'), { as, ...body })
  await response.text()
  return response.status
}

describe('every route of operators', () => {
  test('is in the table of roles, and nothing else is', () => {
    expect(Object.keys(ADMIN_ROUTES).sort()).toEqual(routes.sort())
  })

  test.each([0, 1, 2, 3])('refuses a session with one factor (%i)', async (i) => {
    setFactors(dataDir, NAMES, 1)
    for (const route of routes) expect([route, await statusOf(route, people[i] as Person)]).toEqual([route, 403])
  })

  test.each([
    ['user', 0, () => false],
    ['support', 1, (route: string) => route.startsWith('GET ')],
    ['operator', 2, (route: string) => !route.endsWith('/role')],
    ['owner', 3, () => true]
  ] as const)('is open to %s as the table says', async (_, i, may) => {
    setFactors(dataDir, NAMES, 2)
    for (const route of routes) {
      const isRefused = (await statusOf(route, people[i] as Person)) === 403
      expect([route, isRefused]).toEqual([route, !may(route)])
    }
  })

  test('refuses keys, whoever’s they are', async () => {
    const { key } = await t.local<{ key: string }>('POST', '/api/keys?username=dan-owner', { name: 'k', scope: 'cli' })
    for (const own of [key, t.ownerKey]) {
      const response = await send(t, 'GET', '/admin/api/users', { headers: { 'x-api-key': own } })
      expect(await refusal(response)).toMatchObject({ status: 403, error: { code: 'scope' } })
    }
  })
})

test('a path that nobody thought of is refused, and so is one that only looks like one', async () => {
  for (const path of ['/admin/api/other', '/admin/api/users/x/limits/y', '/admin/api/'])
    expect((await send(t, 'GET', path, { as: people[3] as Person })).status).toBe(403)
})

test('a role that was taken away counts from the next request on', async () => {
  setFactors(dataDir, NAMES, 2)
  const eve = await register(t, 'eve')
  await t.local('PUT', '/admin/api/users/eve/role', { role: 'support' })
  setFactors(dataDir, ['eve'], 2)
  expect((await send(t, 'GET', '/admin/api/users', { as: eve })).status).toBe(200)
  await t.local('PUT', '/admin/api/users/eve/role', { role: 'user' })
  expect((await send(t, 'GET', '/admin/api/users', { as: eve })).status).toBe(403)
  await expect(t.local('PUT', '/admin/api/users/owner/role', { role: 'user' })).rejects.toThrow('409')
})

test('a change needs identity proven within ten minutes; a look does not', async () => {
  setFactors(dataDir, NAMES, 2)
  t.clock.advance({ minutes: 11 })
  const cleo = people[2] as Person
  expect((await send(t, 'GET', '/admin/api/users', { as: cleo })).status).toBe(200)
  const change = await send(t, 'POST', '/admin/api/users', { as: cleo, body: { username: 'fay' } })
  expect(await refusal(change)).toMatchObject({ status: 403, error: { code: 'step_up' } })
})
