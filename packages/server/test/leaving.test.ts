import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { unzipSync } from 'fflate'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newChatId, turnHeaders } from '../src/testing/chats.js'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'

let dataDir: string
let t: TestServer
let cookie: string

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'caicaini-leaving-'))
  t = await createTestServer({ dataDir, env: { CAICAINI_CAPTCHA: 'off' } })
  cookie = await signIn()
})
afterEach(async () => {
  expect((await t.audit()).differences).toEqual([])
  await t.close()
  rmSync(dataDir, { recursive: true })
})

const send = (path: string, fields: Record<string, string>) =>
  fetch(t.url + path, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { cookie, 'sec-fetch-site': 'same-origin' },
    redirect: 'manual'
  })
/** What a browser is given, it keeps. */
async function look(path: string): Promise<Response> {
  const response = await fetch(t.url + path, { headers: { cookie }, redirect: 'manual' })
  const given = cookiesOf(response)
  if (given !== '') cookie = given
  return response
}
const cookiesOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')

/** Grace, with a key of hers and a receipt. */
async function signIn(): Promise<string> {
  cookie = ''
  const fields = {
    username: 'grace',
    email: 'grace@example.org',
    password: 'a compiler of my own',
    age: '13',
    terms: '2026-11-21'
  }
  const response = await send('/register', fields)
  return cookiesOf(response)
}
const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'say hello' }] }

async function useKey(): Promise<string> {
  await t.local('POST', '/admin/api/credits/grant', { username: 'grace', credits: 100 })
  const { key } = await t.local<{ key: string }>('POST', '/api/keys?username=grace', { name: 'my very own key' })
  expect((await t.post(ask, { key })).status).toBe(200)
  return key
}
const close = () => send('/account/close', { username: 'Grace', sure: 'yes' })
/** Everything in the database, by table. */
function tables(): Record<string, string> {
  const database = new Database(join(dataDir, 'caicaini.sqlite'), { readonly: true })
  const names = database.prepare("select name from sqlite_master where type = 'table'").all() as { name: string }[]
  const entries = names.map(({ name }) => [name, JSON.stringify(database.prepare(`select * from "${name}"`).all())])
  database.close()
  return Object.fromEntries(entries)
}

/** Lets the server tidy up, every few minutes, until that is so. */
const tidiedUntil = (fact: () => boolean | Promise<boolean>) =>
  until(() => {
    t.clock.advance({ minutes: 6 })
    return fact()
  })

const everything = () => Object.values(tables()).join('\n')

describe('an export', () => {
  test('is one ZIP of all that an account has, made in the background, there for a day', async () => {
    const key = await useKey()
    expect((await send('/account/export', {})).status).toBe(303)
    let href = ''
    await until(async () => {
      href = /href="(\/account\/export\/exp_\w+\.zip)"/.exec(await (await look('/account/export')).text())?.[1] ?? ''
      return href !== ''
    })
    const zip = unzipSync(new Uint8Array(await (await look(href)).arrayBuffer()))
    const text = (name: string) => Buffer.from(zip[name] ?? []).toString()
    expect(Object.keys(zip).sort()).toEqual(
      [
        'README.txt',
        ...['audit', 'chats', 'keys', 'profile', 'sessions'].flatMap((name) => [`${name}.csv`, `${name}.json`]),
        'book.jsonl',
        'receipts.csv',
        'receipts.jsonl'
      ].sort()
    )
    expect(JSON.parse(text('profile.json'))).toMatchObject([{ username: 'grace', email: 'grace@example.org' }])
    expect(JSON.parse(text('keys.json'))).toMatchObject([{ name: 'my very own key' }])
    expect(text('receipts.csv').split('\n')).toHaveLength(3)
    expect(text('audit.csv')).toContain('account.register')
    const all = Object.keys(zip).map(text).join()
    for (const secret of [key, 'argon2id', cookie.split('=')[1] ?? '-']) expect(all).not.toContain(secret)
    t.clock.advance({ minutes: 1_440 })
    expect((await look(href)).status).toBe(404)
  })

  test('is nobody else’s', async () => {
    await send('/account/export', {})
    let id = ''
    await until(async () => {
      id = /export\/(exp_\w+)\.zip/.exec(await (await look('/account/export')).text())?.[1] ?? ''
      return id !== ''
    })
    cookie = ''
    const fields = {
      username: 'linus',
      email: 'linus@example.org',
      password: 'a kernel of my own',
      age: '13',
      terms: '2026-11-21'
    }
    cookie = cookiesOf(await send('/register', fields))
    expect((await look(`/account/export/${id}.zip`)).status).toBe(404)
  })
})

describe('closing an account', () => {
  test('says what is forfeited, and asks for the name', async () => {
    await useKey()
    const page = await (await look('/account/close')).text()
    expect(page).toContain('99.65 credits are forfeited')
    expect((await send('/account/close', { username: 'somebody', sure: 'yes' })).status).toBe(400)
    expect((await send('/account/close', { username: 'grace' })).status).toBe(400)
    expect((await look('/account')).status).toBe(200)
  })

  test('ends sessions and keys at once, and forfeits what is left', async () => {
    const key = await useKey()
    expect(await (await close()).text()).toContain('99.65 credits were forfeited')
    expect((await look('/account')).status).toBe(303)
    expect((await t.post(ask, { key })).status).toBe(401)
    const login = await send('/login', { name: 'grace', password: 'a compiler of my own' })
    expect(login.status).toBe(401)
    expect((await t.audit()).differences).toEqual([])
  })

  test('leaves nothing of who it was within thirty days, and what was paid for seven years', async () => {
    await useKey()
    await close()
    expect(everything()).toContain('grace@example.org')
    t.clock.advance({ minutes: 30 * 1_440 })
    await tidiedUntil(() => !everything().includes('grace@example.org'))
    const after = everything()
    for (const [table, text] of Object.entries(tables())) {
      // What was done stays readable for a year, and is anonymised then.
      if (table === 'operator_event') continue
      for (const trace of ['my very own key', 'a compiler']) expect(text, table).not.toContain(trace)
    }
    expect(after).toContain('claude-haiku-4-5')
    expect((await t.audit()).differences).toEqual([])
    t.clock.advance({ minutes: 7 * 366 * 1_440 })
    const receipts = () => {
      const database = new Database(join(dataDir, 'caicaini.sqlite'), { readonly: true })
      const { n } = database.prepare('select count(*) as n from receipt').get() as { n: number }
      database.close()
      return n
    }
    await tidiedUntil(() => receipts() === 0)
    expect((await t.audit()).differences).toEqual([])
  })

  test('takes the chats along within the day', async () => {
    await t.local('POST', '/admin/api/credits/grant', { username: 'grace', credits: 100 })
    await t.local('PUT', '/admin/api/users/grace/subscription', { plan: 'pro' })
    const made = await t.local<{ key: string }>('POST', '/api/keys?username=grace', { name: 'cli', scope: 'cli' })
    const headers = turnHeaders({ chat: newChatId() })
    expect((await t.post(ask, { key: made.key, headers })).headers.get('caicaini-chat')).toBe('saved')
    await close()
    expect(tables().chat_message).not.toBe('[]')
    t.clock.advance({ minutes: 61 })
    await until(() => tables().chat === '[]')
    expect(tables().chat_message).toBe('[]')
  })

  test('frees the name after that, not before', async () => {
    await close()
    const again = () =>
      send('/register', {
        username: 'grace',
        email: 'new@example.org',
        password: 'a compiler of my own',
        age: '13',
        terms: '2026-11-21'
      })
    cookie = ''
    expect((await again()).status).toBe(409)
    t.clock.advance({ minutes: 30 * 1_440 })
    await tidiedUntil(async () => (await again()).status === 303)
  })
})

describe('asking about data', () => {
  test('is open to anybody, sealed in the database, and in the queue with its thirty days', async () => {
    cookie = ''
    const told = await send('/privacy/request', {
      kind: 'child',
      email: 'parent@example.org',
      message: 'my daughter is nine'
    })
    expect(told.status).toBe(200)
    expect(await told.text()).toContain('You have an answer by')
    expect(everything()).not.toContain('my daughter')
    const { requests } = await t.local<{ requests: { id: string; kind: string; message: string }[] }>(
      'GET',
      '/admin/api/data-requests'
    )
    expect(requests).toMatchObject([
      { kind: 'child', contact: 'parent@example.org', message: 'my daughter is nine', outcome: null }
    ])
    await t.local('POST', `/admin/api/data-requests/${requests[0]?.id}/close`, { outcome: 'the account was closed' })
    expect((await t.local<{ requests: object[] }>('GET', '/admin/api/data-requests')).requests).toEqual([])
    expect((await t.local<{ requests: object[] }>('GET', '/admin/api/data-requests?all=true')).requests).toHaveLength(1)
  })

  test.each([
    [{ kind: 'other' }, 'kind'],
    [{ email: 'nobody' }, 'email'],
    [{ message: 'x'.repeat(4_001) }, 'message']
  ])('%o is refused by name', async (fields, named) => {
    const told = await send('/privacy/request', { kind: 'erase', email: 'a@example.org', message: '', ...fields })
    expect(told.status).toBe(400)
    expect(await told.text()).toContain(`${named}: `)
  })
})

test.each(['/terms', '/privacy', '/terms/2026-11-21'])('%s is there for anybody', async (path) => {
  cookie = ''
  expect((await look(path)).status).toBe(200)
  expect((await look('/terms/1999-01-01')).status).toBe(404)
})

test('terms that have changed are shown on the account’s page until they are accepted', async () => {
  const database = new Database(join(dataDir, 'caicaini.sqlite'))
  database.prepare("update profile set terms_version = '2020-01-01'").run()
  expect(await (await look('/account')).text()).toContain('You have accepted those of 2020-01-01')
  expect((await send('/terms/accept', {})).status).toBe(303)
  expect(await (await look('/account')).text()).not.toContain('The terms have changed')
  expect(database.prepare('select terms_version from profile').pluck().get()).toBe('2026-11-21')
  database.close()
})
