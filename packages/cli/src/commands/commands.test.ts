import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { runToExitCode } from '../run-process.js'
import { json, type Play, receiptOf, refusal } from '../testing/play-transport.js'
import { createTestContext, KEY, type TestOptions } from '../testing/test-context.js'

/** Runs words as the process would. */
async function caicaini(words: string[], options: TestOptions = {}) {
  const t = createTestContext(options)
  const exit = await runToExitCode(words, t.facts)
  return { ...t, exit, out: t.stdout(), err: t.stderr(), requests: t.server.requests }
}

const key = {
  id: 'key_1',
  name: 'laptop',
  scope: 'api',
  hint: 'cai_api_1a2b…wxyz',
  status: 'active',
  quota: 0,
  quota_used: 12.5,
  created_at: '2026-11-21T10:00:00.000Z',
  last_used_at: null
}
const account = { id: 'acct_1', username: 'ann', role: 'user', plan: 'pro', tier: 'free' }
const self = () => json({ key, account, notice: null })

describe('auth', () => {
  test('login checks the key with the server before it stores it', async () => {
    const t = await caicaini(['auth', 'login', '--with-token'], {
      stdin: `${KEY}\n`,
      env: { CAICAINI_API_KEY: undefined },
      play: self
    })
    expect(t).toMatchObject({ exit: 0, out: '' })
    expect(t.err).toContain('Signed in to https://caicaini.com as ann (plan pro')
    expect(t.err).toContain(t.context.keys().path)
    expect(t.requests[0]).toMatchObject({ path: '/api/keys/self', headers: { 'x-api-key': KEY } })
    expect(t.context.keys().find('https://caicaini.com')).toEqual({ key: KEY, origin: 'file' })
  })

  test('a server given at login becomes the one in use', async () => {
    const t = await caicaini(['auth', 'login', '--with-token', '--base-url', 'http://127.0.0.1:8787/'], {
      stdin: KEY,
      env: { CAICAINI_API_KEY: undefined },
      play: self
    })
    expect(t.exit).toBe(0)
    expect(t.context.config().get('base-url').value).toBe('http://127.0.0.1:8787')
  })

  test.each([
    ['a refused key', { stdin: KEY, play: () => refusal(401, 'revoked_key', 'this key was revoked') }, 4],
    ['a mistyped key', { stdin: `${KEY.slice(0, -1)}#` }, 4],
    ['no key', { stdin: '' }, 4],
    ['a key in the environment', { stdin: KEY, env: { CAICAINI_API_KEY: KEY } }, 2]
  ])('%s is not stored', async (_name, options: TestOptions, exit) => {
    const t = await caicaini(['auth', 'login', '--with-token'], { env: { CAICAINI_API_KEY: undefined }, ...options })
    expect(t).toMatchObject({ exit, out: '' })
    expect(existsSync(t.context.keys().path)).toBe(false)
  })

  test('status is exit 4 when nobody is signed in, also in JSON', async () => {
    const t = await caicaini(['auth', 'status', '--json'], { env: { CAICAINI_API_KEY: undefined } })
    expect(t.exit).toBe(4)
    expect(JSON.parse(t.out)).toEqual({ signed_in: false, server: 'https://caicaini.com' })
  })

  test('status says who, and never shows the key', async () => {
    const t = await caicaini(['auth', 'status'], { play: self })
    expect(t.exit).toBe(0)
    expect(t.out).toMatch(/^account\s+ann$/m)
    expect(t.out).not.toContain(KEY)
    expect((await caicaini(['auth', 'token'])).out).toBe(`${KEY}\n`)
  })

  test('logout forgets the key', async () => {
    const t = createTestContext({ env: { CAICAINI_API_KEY: undefined } })
    t.context.keys().save('https://caicaini.com', KEY, 'file')
    expect(await runToExitCode(['auth', 'logout'], t.facts)).toBe(0)
    expect(t.context.keys().find('https://caicaini.com')).toBeUndefined()
  })
})

describe('keys', () => {
  const play: Play = ({ method, path }) => {
    if (method === 'GET') return json({ keys: [key, { ...key, id: 'key_2', name: 'old', status: 'revoked' }] })
    if (path === '/api/keys') return json({ ...key, key: KEY }, 201)
    return json({ ...key, status: path.endsWith('/revoke') ? 'revoked' : 'active' })
  }

  test('create prints the key alone on stdout', async () => {
    const t = await caicaini(['keys', 'create', '--name', 'laptop', '--quota', '2.5', '--local'], { play })
    expect(t).toMatchObject({ exit: 0, out: `${KEY}\n` })
    expect(JSON.parse(t.requests[0]?.body ?? '')).toEqual({ name: 'laptop', scope: 'api', quota: 2.5 })
    const asJson = await caicaini(['--local', 'keys', 'create', '--name', 'laptop', '--json'], { play })
    expect(JSON.parse(asJson.out)).toMatchObject({ key: KEY, id: 'key_1' })
  })

  test('list shows names, hints and what was used', async () => {
    const { out } = await caicaini(['keys', 'list'], { play })
    expect(out).toMatch(/^key_1 +laptop +cai_api_1a2b…wxyz +api +active +12\.5 +– +\d+ d +– +never +– +–$/m)
    expect(JSON.parse((await caicaini(['keys', 'list', '--json'], { play })).out).keys).toHaveLength(2)
  })

  test.each([
    [['disable', 'laptop'], 'PATCH', '/api/keys/key_1', { disabled: true }],
    [['enable', 'key_1'], 'PATCH', '/api/keys/key_1', { disabled: false }],
    [['edit', 'laptop', '--quota', '1,000'], 'PATCH', '/api/keys/key_1', { quota: 1000 }],
    [['revoke', 'laptop'], 'POST', '/api/keys/key_1/revoke', undefined]
  ])('%o asks the server for it', async (words, method, path, body) => {
    const t = await caicaini(['keys', ...words], { play })
    expect(t).toMatchObject({ exit: 0, out: '' })
    expect(t.requests.at(-1)).toMatchObject({ method, path })
    expect(t.requests.at(-1)?.body).toBe(body && JSON.stringify(body))
  })

  test.each([[['disable', 'nobody']], [['edit', 'laptop']], [['create']], [['edit', 'laptop', '--quota', '-1']]])(
    '%o is a usage error',
    async (words) => {
      expect(await caicaini(['keys', ...words], { play })).toMatchObject({ exit: 2, out: '' })
    }
  )
})

test('models and prices', async () => {
  const model = {
    id: 'claude-haiku-4-5',
    aliases: ['haiku'],
    description: 'Fast',
    context_window: 200_000,
    price: { input: 1000, output: 5000 }
  }
  const play = () => json({ data: [model, { ...model, id: 'caicaini/auto', aliases: [], price: null }] })
  const { out } = await caicaini(['models'], { play })
  expect(out).toMatch(/^claude-haiku-4-5 +haiku +1,000 +5,000 +200,000 +Fast$/m)
  expect(JSON.parse((await caicaini(['models', '--json'], { play })).out).models).toHaveLength(2)
  const planned: Play = ({ path }) =>
    path === '/api/plans' ? json({ plans: [{ display_name: 'Pro', models: ['kimi'], current: true }] }) : play()
  expect((await caicaini(['models'], { play: planned })).out).toMatch(/claude-haiku-4-5 .*\[not in Pro\] Fast/)
  const degraded = { id: model.id, aliases: [], state: 'degraded', since: '2026-11-21T12:04:31.000Z', note: null }
  const failing: Play = ({ path }) =>
    path === '/api/status' ? json({ status: 'degraded', models: [degraded] }) : play()
  expect((await caicaini(['models'], { play: failing })).out).toContain('[degraded since 2026-11-21 12:04 UTC] Fast')
})

test('balance, and what it is made of', async () => {
  const grant = { id: 'g', kind: 'topup', amount: 10_000, remaining: 9912.3, held: 0, reference: 'r', expires_at: null }
  const totals = { balance: 9912.3, held: 0, available: 9912.3, subscription: 0, topup: 9912.3, usd: '9.91' }
  const play = () => json({ ...totals, grants: [{ ...grant, starts_at: '2026-11-01T00:00:00.000Z' }] })
  expect((await caicaini(['balance'], { play })).out).toBe('9,912.3 credits\n')
  expect((await caicaini(['balance', '--details'], { play })).out).toMatch(
    /^topup +9,912\.3 +10,000 +0 +2026-11-01 +never +r$/m
  )
  expect(JSON.parse((await caicaini(['balance', '--json'], { play })).out).balance).toBe(9912.3)
})

test('receipts, and those that are not settled yet', async () => {
  const { out } = await caicaini(['receipts', 'show', 'req_1'], { play: () => json(receiptOf()) })
  expect(out).toMatch(/^input +1,204 tokens at 1,000 credits per million$/m)
  expect(out).toMatch(/^charged +2\.764 credits \(2\.764 subscription, 0 top-up\)$/m)
  const pending = await caicaini(['receipts', 'show', 'req_1'], { play: () => json({ status: 'pending' }, 202) })
  expect(pending).toMatchObject({ exit: 1, out: '' })
})

test('a receipt explained adds up, or is exit 1', async () => {
  const parts = [{ kind: 'image', quantity: 2, rate: 1_382_000_000_000 }]
  const good = await caicaini(['receipts', 'show', 'req_1', '--explain'], { play: () => json(receiptOf({ parts })) })
  expect(good.exit).toBe(0)
  expect(good.out).toMatch(/^image {2}2 × 1\.382 +2\.764$/m)
  const bad = await caicaini(['receipts', 'show', 'req_1', '--explain'], { play: () => json(receiptOf()) })
  expect(bad).toMatchObject({ exit: 1, err: 'caicaini: req_1: the receipt does not add up\n' })
  expect(bad.out).toContain('1.56 apart')
})

describe('admin', () => {
  const sums = { granted: '10000', adjusted: '0', refunded: '0', spent: '87.7', expired: '0', forfeited: '0' }
  const totals = { ...sums, remaining: '9912.3', held: '0' }
  const report = { ok: true, accounts: 2, entries: 9, grants: 2, holds_open: 0, receipts: 7, totals, differences: [] }

  test('an audit that finds differences lists them and is exit 1', async () => {
    const good = await caicaini(['admin', 'ledger', 'audit', '--local'], { play: () => json(report) })
    expect(good).toMatchObject({ exit: 0 })
    expect(good.out).toContain('the books agree')
    expect(good.out).toMatch(/^left +remaining 9,912\.3, of which held 0$/m)
    const differences = [{ account: 'acct_1', what: 'chain', detail: 'entry 3: hash does not fit' }]
    const play = () => json({ ...report, ok: false, differences })
    const bad = await caicaini(['admin', 'ledger', 'audit', '--local'], { play })
    expect(bad.exit).toBe(1)
    expect(bad.out).toMatch(/^acct_1 +chain +entry 3: hash does not fit$/m)
    expect((await caicaini(['admin', 'ledger', 'audit', '--json'], { play })).exit).toBe(1)
  })

  test('credits are granted once for a reference', async () => {
    const play = () => json({ grant_id: 'grant_1', granted: false, balance: 100 })
    const words = ['admin', 'credits', 'grant', 'ann', '1,000.5', '--reference', 'invoice 7', '--local']
    const t = await caicaini(words, { play })
    expect(t.err).toBe('Already granted under the reference "invoice 7". Balance: 100 credits.\n')
    expect(JSON.parse(t.requests[0]?.body ?? '')).toMatchObject({
      username: 'ann',
      credits: 1000.5,
      kind: 'adjustment'
    })
  })

  test('accounts are made and listed', async () => {
    const user = { ...account, status: 'active', created_at: '2026-11-21T10:00:00.000Z', balance: 0 }
    const made = await caicaini(['admin', 'users', 'create', 'ann', '--plan', 'pro'], { play: () => json(user, 201) })
    expect(made).toMatchObject({ exit: 0, out: '' })
    const { out } = await caicaini(['admin', 'users', 'list'], { play: () => json({ users: [user] }) })
    expect(out).toMatch(/^ann +user +pro +free +active +0 +2026-11-21 +acct_1$/m)
  })

  test("an account's limits: what is typed changes, the rest stays, and what holds is shown", async () => {
    const holds = {
      username: 'ann',
      tier: 'free',
      set: { key: { requests_per_minute: 9, concurrent_streams: 2 }, account: {} },
      key: { requests_per_minute: 1000, input_tokens_per_minute: null, concurrent_streams: 2 },
      account: { requests_per_minute: null, input_tokens_per_minute: null, concurrent_streams: 5 }
    }
    const words = ['--local', 'admin', 'users', 'limits', 'ann']
    const shown = await caicaini(words, { play: () => json(holds) })
    expect(shown.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /admin/api/users/ann/limits'])
    expect(shown.out).toMatch(/^requests a minute +1,000 \* +none$/m)
    expect(shown.out).toMatch(/^streams at once +2 \* +5$/m)

    const changes = ['--rpm', '1,000', '--tpm', 'none', '--streams', 'default', '--account-streams', '5']
    const changed = await caicaini([...words, ...changes], { play: () => json(holds) })
    expect(changed.requests[1]).toMatchObject({ method: 'PUT', path: '/admin/api/users/ann/limits' })
    expect(JSON.parse(changed.requests[1]?.body ?? '')).toEqual({
      key: { requests_per_minute: 1000, input_tokens_per_minute: null },
      account: { concurrent_streams: 5 }
    })
    const cleared = await caicaini([...words, '--clear', '--json'], { play: () => json(holds) })
    expect(JSON.parse(cleared.requests[1]?.body ?? '')).toEqual({ key: {}, account: {} })
    expect(JSON.parse(cleared.out)).toEqual(holds)
    expect((await caicaini([...words, '--rpm', '0'])).exit).toBe(2)
  })

  test('what a key may not do is said as the server says it', async () => {
    const play = () => refusal(403, 'scope', 'operators use --local for now')
    expect(await caicaini(['admin', 'users', 'list'], { play })).toMatchObject({
      exit: 4,
      err: 'caicaini: operators use --local for now\n'
    })
  })
})

describe('config', () => {
  test('a setting is kept and listed with its origin', async () => {
    const t = createTestContext()
    expect(await runToExitCode(['config', 'set', 'model', 'kimi'], t.facts)).toBe(0)
    expect(await runToExitCode(['config', 'list'], t.facts)).toBe(0)
    expect(t.stdout()).toMatch(/^model +kimi +config/m)
  })

  test.each([[['get', 'colour']], [['set', 'base-url', 'nowhere']], [['set', 'model']]])(
    '%o is a usage error',
    async (words) => expect(await caicaini(['config', ...words])).toMatchObject({ exit: 2, out: '' })
  )
})

test('the server is let go of on every way out', async () => {
  expect(
    (await caicaini(['balance', '--local'], { play: () => refusal(500, 'x', 'no', { 'x-should-retry': 'false' }) }))
      .server.closed
  ).toBe(true)
  expect((await caicaini(['balance', '--local'], { play: () => json({ balance: 1 }) })).server.closed).toBe(true)
})

test('an answer that is not ours is said to be none', async () => {
  expect(await caicaini(['balance'], { play: () => json({ hello: 'portal' }) })).toMatchObject({ exit: 7, out: '' })
})
