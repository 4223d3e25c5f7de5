import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { register, send } from '../src/testing/persons.js'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { answer } from '../src/testing/upstream.js'

let t: TestServer
beforeEach(async () => {
  // Here plans give their credits.
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off' }, catalog: (shipped) => shipped })
})
afterEach(() => t.close())

interface FlagJson {
  readonly id: string
  readonly username: string
  readonly kind: string
  readonly state: string
  readonly evidence: Record<string, unknown>
}
const flags = async (query = '') => (await t.local<{ flags: FlagJson[] }>('GET', `/admin/api/flags${query}`)).flags
const balanceOf = async (username: string) => {
  const { users } = await t.local<{ users: { username: string; balance: number }[] }>('GET', '/admin/api/users')
  return users.find((user) => user.username === username)?.balance
}
const home = { 'x-forwarded-for': '203.0.113.7', 'user-agent': 'Mozilla/5.0 (X11) Firefox/140' }
const keySelf = async (username: string) => {
  const { key } = await t.local<{ key: string }>('POST', `/api/keys?username=${username}`, { name: 'k' })
  return t.get<{ notice: string | null }>('/api/keys/self', key)
}

describe('what is likely a second account', () => {
  test('gets no free credits until an operator has looked, and is told so', async () => {
    await register(t, 'grace.h', home)
    expect(await balanceOf('grace.h')).toBeGreaterThan(0)
    const second = await register(t, 'grace.h2', home)
    expect(await balanceOf('grace.h2')).toBe(0)
    const [flag] = await flags()
    expect(flag).toMatchObject({ username: 'grace.h2', kind: 'duplicate', evidence: { credits_withheld: true } })
    const { reasons = [] } = (flag?.evidence ?? {}) as { reasons?: string[] }
    expect(reasons.length).toBeGreaterThan(2)
    const told = await keySelf('grace.h2')
    expect(told.notice).toContain('wait for an operator')
    expect((await keySelf('grace.h')).notice).toBeNull()
    expect((await send(t, 'GET', '/api/account', { as: second })).status).toBe(200)
    // Not in the next month either, but for what is paid.
    t.clock.advance({ days: 31 })
    await until(async () => ((await balanceOf('grace.h')) ?? 0) > 0)
    expect(await balanceOf('grace.h2')).toBe(0)
    const release = await t.server.fetchLocal(
      new Request('http://local/admin/api/users/grace.h2/release', { method: 'POST' })
    )
    expect(release.status).toBe(204)
    expect(await balanceOf('grace.h2')).toBeGreaterThan(0)
    expect((await keySelf('grace.h2')).notice).toBeNull()
    await expect(t.local('POST', '/admin/api/users/grace.h2/release')).rejects.toThrow('409')
    expect((await t.audit()).differences).toEqual([])
  })

  test('is only told of below the threshold, and somebody else is nobody’s second', async () => {
    await register(t, 'grace', home)
    await register(t, 'linus', { ...home, 'user-agent': 'curl/8' })
    await register(t, 'dennis', { 'x-forwarded-for': '198.51.100.9' })
    expect(await flags()).toEqual([])
    expect(await balanceOf('linus')).toBeGreaterThan(0)
    await register(t, 'barbara', home)
    expect((await flags()).map(({ username, evidence }) => [username, evidence.credits_withheld])).toEqual([
      ['barbara', false]
    ])
    expect(await balanceOf('barbara')).toBeGreaterThan(0)
  })
})

describe('a flag', () => {
  test('is raised by a key that comes from many places, once a day', async () => {
    const look = (i: number) =>
      fetch(`${t.url}/v1/models`, { headers: { 'x-api-key': t.key, 'x-forwarded-for': `10.1.${i}.5` } })
    for (let i = 0; i < 12; i++) await (await look(i)).text()
    await until(async () => (await flags()).length > 0)
    expect(await flags()).toMatchObject([
      { username: 'ada', kind: 'many_places', state: 'open', evidence: { networks_in_an_hour: 10 } }
    ])
    t.clock.advance({ days: 1 })
    for (let i = 0; i < 12; i++) await (await look(i)).text()
    await until(async () => (await flags()).length > 1)
    expect(await flags()).toHaveLength(2)
  })

  test('is raised by keys on one pattern, and decided once', async () => {
    for (let i = 0; i < 11; i++) await t.local('POST', '/api/keys?username=ada', { name: `bot-${i}` })
    const [flag] = await flags()
    expect(flag).toMatchObject({ kind: 'key_pattern', evidence: { pattern: 'bot-#', keys: 10 } })
    const decide = (state: string) =>
      t.server.fetchLocal(
        new Request(`http://local/admin/api/flags/${flag?.id}`, {
          method: 'POST',
          body: JSON.stringify({ state }),
          headers: { 'content-type': 'application/json' }
        })
      )
    expect((await decide('dismissed')).status).toBe(204)
    expect((await decide('acted')).status).toBe(404)
    expect(await flags('?state=open')).toEqual([])
    expect(await flags('?state=dismissed')).toHaveLength(1)
  })

  test('is raised by requests for many users of one key', async () => {
    const body = (i: number) => ({
      model: 'haiku',
      max_tokens: 5,
      metadata: { user_id: `customer-${i}` },
      messages: [{ role: 'user', content: 'hi' }]
    })
    for (let i = 0; i < 30; i++) await (await t.post(body(i))).text()
    await until(async () => (await flags()).length > 0)
    expect(await flags()).toMatchObject([{ kind: 'resale', evidence: { users_in_an_hour: 30 } }])
    expect(JSON.stringify(await flags())).not.toContain('customer')
  })

  test('is raised by a pool of requests that is always filled up for six hours, and not by less', async () => {
    const finish: (() => void)[] = []
    t.upstream.play((response) => finish.push(() => answer(response, { input_tokens: 1, output_tokens: 1 })))
    let running: Promise<Response>[] = []
    const refill = async () => {
      for (const end of finish.splice(0)) end()
      for (const response of await Promise.all(running)) await response.text()
      running = []
      for (let i = 0; i < 3; i++) {
        const arrived = t.upstream.nextRequest()
        running.push(t.post({ model: 'haiku', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] }))
        await arrived
      }
      t.clock.advance({ minutes: 1 })
    }
    for (let minute = 0; minute < 359; minute++) await refill()
    expect(await flags()).toEqual([])
    for (let minute = 0; minute < 5; minute++) await refill()
    await until(async () => (await flags()).length > 0)
    expect(await flags()).toMatchObject([
      { username: 'ada', kind: 'steady', evidence: { requests_at_once: 3, percent_of_the_time: 100, hours: 6 } }
    ])
    for (const end of finish.splice(0)) end()
    await Promise.all(running)
  })
})
