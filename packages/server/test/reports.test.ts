import { createBookVerifier, creditsFromJson, type ExportLine, entryHash, receiptDetailHash } from '@caicaini/protocol'
import type { Balance, Reconciled, TakenCredits, Usage } from '@caicaini/protocol/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { answer, begin, fail, streamEvents } from '../src/testing/upstream.js'

let t: TestServer
let cliKey: string

beforeEach(async () => {
  t = await createTestServer()
  cliKey = (await t.local<{ key: string }>('POST', '/api/keys?username=ada', { name: 'cli', scope: 'cli' })).key
})
afterEach(async () => {
  const audit = await t.audit()
  expect(audit.differences).toEqual([])
  const of = (name: keyof typeof audit.totals) => creditsFromJson(Number(audit.totals[name]))
  expect(of('granted') + of('adjusted') + of('refunded')).toBe(
    of('spent') + of('remaining') + of('expired') + of('forfeited')
  )
  await t.close()
})

const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'say hello' }] }

/** One answer of each kind: whole, empty, failed, and left by its client. */
async function fourRequests(): Promise<void> {
  await (
    await t.post(ask, { headers: { 'user-agent': 'claude-cli/2.1 (x)', 'x-claude-code-agent-id': 'agent-7' } })
  ).text()
  t.upstream.play((response) => answer(response, { input_tokens: 10, output_tokens: 0 }))
  await (await t.post(ask)).text()
  t.upstream.play((response) => fail(response, 500))
  await (await t.post(ask)).text()
  t.upstream.play((response) => begin(response, streamEvents().slice(0, 5)))
  const leave = new AbortController()
  const response = await t.post({ ...ask, stream: true }, { signal: leave.signal })
  await response.body?.getReader().read()
  leave.abort()
  await until(async () => (await t.balance()).held === 0)
}

describe('usage', () => {
  test('sums each request once, and to what the ledger took', async () => {
    await fourRequests()
    const usage = await t.get<Usage>('/api/usage?by=model')
    expect(usage.rows).toHaveLength(1)
    expect(usage.rows[0]).toMatchObject({ name: 'claude-haiku-4-5', requests: 4, billed: 3, failed: 1 })
    const { balance } = await t.balance()
    expect(creditsFromJson(usage.total.credits)).toBe(creditsFromJson(100) - creditsFromJson(balance))
    expect((await t.audit()).totals.spent).toBe(String(usage.total.credits))
  })

  test('by repository and branch: of the call itself, else of the session key', async () => {
    const session = await fetch(`${t.url}/api/keys/self/sessions`, {
      method: 'POST',
      headers: { 'x-api-key': t.key, 'content-type': 'application/json' },
      body: JSON.stringify({ label: 'run', cap: 50, repo: 'github.com/acme/app', branch: 'main' })
    })
    const { key } = (await session.json()) as { key: string }
    await (await t.post(ask, { key })).text()
    await (await t.post(ask, { key, headers: { 'x-caicaini-branch': 'fix/ä b' } })).text()
    const labels = { 'x-caicaini-repo': 'gitlab.com/acme/other', 'x-caicaini-branch': 'main' }
    await (await t.post(ask, { headers: labels })).text()
    await (await t.post(ask)).text()
    const names = async (by: string) => {
      const { rows } = await t.get<Usage>(`/api/usage?by=${by}`)
      return rows.map(({ name, requests }) => [name, requests]).sort()
    }
    expect(await names('repo')).toEqual(
      [
        [null, 1],
        ['github.com/acme/app', 2],
        ['gitlab.com/acme/other', 1]
      ].sort()
    )
    expect(await names('branch')).toEqual(
      [
        [null, 1],
        ['github.com/acme/app#fix/__b', 1],
        ['github.com/acme/app#main', 1],
        ['gitlab.com/acme/other#main', 1]
      ].sort()
    )
  })

  test('by client, agent, session, key and day', async () => {
    const session = await fetch(`${t.url}/api/keys/self/sessions`, {
      method: 'POST',
      headers: { 'x-api-key': t.key, 'content-type': 'application/json' },
      body: JSON.stringify({ label: 'nightly', cap: 50 })
    })
    await (await t.post(ask, { key: ((await session.json()) as { key: string }).key })).text()
    t.clock.advance({ days: 1 })
    await (
      await t.post(ask, { headers: { 'user-agent': 'claude-cli/2.1 (x)', 'x-claude-code-agent-id': 'agent-7' } })
    ).text()
    const names = async (by: string) => (await t.get<Usage>(`/api/usage?by=${by}`)).rows.map(({ name }) => name)
    expect(await names('client')).toEqual(expect.arrayContaining(['claude-cli/2.1', 'node']))
    expect(await names('agent')).toEqual(expect.arrayContaining(['agent-7', null]))
    expect(await names('session')).toEqual(expect.arrayContaining(['nightly', null]))
    expect(await names('key')).toEqual([expect.stringMatching(/^laptop \(key_/)])
    expect(await names('day')).toEqual(['2026-11-15', '2026-11-16'])
    expect((await t.get<Usage>('/api/usage?since=1d')).total.requests).toBe(1)
    // Another key of scope `api` sees its own alone; the command sees the account's.
    const other = (await t.local<{ key: string }>('POST', '/api/keys?username=ada', { name: 'other' })).key
    expect((await t.get<Usage>('/api/usage', other)).total.requests).toBe(0)
    expect((await t.get<Usage>('/api/usage', cliKey)).total.requests).toBe(2)
  })

  test.each(['since=yesterday', 'since=2026-02-31', 'by=colour', 'since=2026-11-15&until=2026-11-01'])(
    '%s is refused by its name',
    async (query) => {
      const response = await fetch(`${t.url}/api/usage?${query}`, { headers: { 'x-api-key': t.key } })
      expect(response.status).toBe(400)
      expect(await response.text()).toMatch(/"message":"(since|by)/)
    }
  )
})

describe('receipts', () => {
  test('are listed newest first, a page at a time, each once', async () => {
    for (let i = 0; i < 5; i++) await (await t.post(ask)).text()
    const seen: string[] = []
    let query = 'limit=2'
    for (let pages = 0; pages < 5; pages++) {
      const { receipts, next } = await t.get<{ receipts: { request_id: string }[]; next: string | null }>(
        `/api/receipts?${query}`
      )
      seen.push(...receipts.map(({ request_id }) => request_id))
      if (next === null) break
      query = `limit=2&before=${next}`
    }
    expect(seen).toHaveLength(5)
    expect([...new Set(seen)].sort().reverse()).toEqual(seen)
  })
})

describe('the book of an account', () => {
  test('is exported with all that its hashes cover', async () => {
    await fourRequests()
    const response = await fetch(`${t.url}/api/ledger/export`, { headers: { 'x-api-key': cliKey } })
    const lines = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ExportLine)
    const [account] = lines
    if (account?.type !== 'account') throw new Error('the account comes first')
    const entries = lines.filter((line) => line.type === 'entry')
    const receipts = lines.filter((line) => line.type === 'receipt').map(({ receipt }) => receipt)
    expect(receipts).toHaveLength(3)
    let previous = '0'.repeat(64)
    for (const entry of entries) {
      const fields = {
        accountId: account.account_id,
        accountSeq: BigInt(entry.account_seq),
        kind: entry.kind,
        grantId: entry.grant_id,
        reference: entry.reference,
        amount: creditsFromJson(entry.credits),
        createdAtMs: entry.created_at_ms,
        detailHash: entry.detail_hash,
        prevHash: previous
      }
      expect(entryHash(fields)).toBe(entry.hash)
      const receipt = receipts.find(({ request_id }) => request_id === entry.reference)
      if (entry.kind === 'spend') expect(receiptDetailHash(receipt ?? {})).toBe(entry.detail_hash)
      previous = entry.hash
    }
    expect(account).toMatchObject({ head: previous, entries: entries.length })
    // A key for the API may not have the account's whole book.
    expect((await fetch(`${t.url}/api/ledger/export`, { headers: { 'x-api-key': t.key } })).status).toBe(403)
  })

  test('is whole to who checks it, with entries of every kind in it', async () => {
    await fourRequests()
    const grant = { username: 'ada', credits: 5, kind: 'promotion', expires_at: '2026-11-16T12:00:00Z' }
    await t.local('POST', '/admin/api/credits/grant', grant)
    const window = { provider: 'anthropic', from: '2026-11-15T11:00:00Z', to: '2026-11-15T13:00:00Z' }
    await t.local('POST', '/admin/api/credits/reconcile', window)
    const take = { username: 'ada', reason: 'test' }
    await t.local('POST', '/admin/api/credits/take', { ...take, kind: 'adjust', credits: 1 })
    t.clock.advance({ days: 1 })
    await until(async () => {
      t.clock.advance({ minutes: 1 })
      return (await t.audit()).totals.expired !== '0'
    })
    await t.local('POST', '/admin/api/credits/take', { ...take, kind: 'forfeit' })
    const response = await fetch(`${t.url}/api/ledger/export`, { headers: { 'x-api-key': cliKey } })
    const lines = (await response.text()).trimEnd().split('\n')
    const verifier = createBookVerifier()
    const kinds = new Set<string>()
    for (const line of lines.map((text) => JSON.parse(text) as ExportLine)) {
      if (line.type === 'entry') kinds.add(line.kind)
      verifier.read(line)
    }
    expect([...kinds].sort()).toEqual(['adjust', 'expire', 'forfeit', 'grant', 'refund', 'spend'])
    expect(verifier.end().differences).toEqual([])
  })

  test("every account's entries are an operator's CSV", async () => {
    await (await t.post(ask)).text()
    const response = await t.server.fetchLocal(new Request('http://local/admin/api/ledger/export?format=csv'))
    const rows = (await response.text()).trimEnd().split('\r\n')
    expect(rows[0]).toBe('account_id,account_seq,time,kind,credits,grant_id,reference,hash')
    expect(rows.filter((row) => row.includes(',spend,-0.35,'))).toHaveLength(1)
    const later = await t.server.fetchLocal(new Request('http://local/admin/api/ledger/export?since=2027-01-01'))
    expect(await later.text()).toBe('')
  })

  test('no reference in that CSV is a formula', async () => {
    for (const reference of ['=1+1', '+1', '-1+1', '@SUM(A1)'])
      await t.local('POST', '/admin/api/credits/grant', { username: 'ada', credits: 1, reference })
    const response = await t.server.fetchLocal(new Request('http://local/admin/api/ledger/export?format=csv'))
    const references = (await response.text()).split('\r\n').map((row) => row.split(',')[6])
    expect(references).toEqual(expect.arrayContaining(["'=1+1", "'+1", "'-1+1", "'@SUM(A1)"]))
  })
})

describe('what operators take and give back', () => {
  test('a provider’s bad hour is refunded once, and only what ended badly', async () => {
    await fourRequests()
    const before = (await t.balance()).balance
    const window = { provider: 'anthropic', from: '2026-11-15T11:00:00Z', to: '2026-11-15T13:00:00Z' }
    const run = (more: object = {}) =>
      t.local<Reconciled>('POST', '/admin/api/credits/reconcile', { ...window, ...more })
    const trial = await run({ dry_run: true })
    expect(trial).toMatchObject({ dry_run: true, requests: 2, accounts: 1 })
    expect(trial.charges.map(({ why }) => why).sort()).toEqual(['cut', 'empty'])
    expect((await t.balance()).balance).toBe(before)
    const done = await run({ reason: 'outage of 15 November' })
    expect(done).toMatchObject({ requests: 2, credits: trial.credits })
    expect((await t.balance()).balance).toBe(99.65)
    expect(await run()).toMatchObject({ requests: 0, credits: 0 })
    expect(await run({ provider: 'moonshot' })).toMatchObject({ requests: 0 })
    expect(await run({ to: '2026-11-15T11:30:00Z' })).toMatchObject({ requests: 0 })
  })

  test('a correction and a forfeit', async () => {
    const take = (body: object) =>
      t.local<TakenCredits>('POST', '/admin/api/credits/take', { username: 'ada', reason: 'test', ...body })
    expect(await take({ kind: 'adjust', credits: 30 })).toMatchObject({ taken: 30, balance: 70 })
    await expect(take({ kind: 'adjust', credits: 71 })).rejects.toThrow(/only 70 are there/)
    await expect(take({ kind: 'adjust' })).rejects.toThrow(/credits: an adjustment needs/)
    expect(await take({ kind: 'forfeit', reference: 'closure' })).toMatchObject({ taken: 70, balance: 0 })
    expect(await take({ kind: 'forfeit', reference: 'closure' })).toMatchObject({ taken: 0, again: true })
    expect((await t.post(ask)).status).toBe(402)
  })

  test.each(['refund:req_1', 'subscription:sub_1:2026-12', 'a\u001b[31m', '\ud800', ''])(
    'the reference %j is refused, to grant by and to take by',
    async (reference) => {
      const ask = { username: 'ada', credits: 1, reference }
      await expect(t.local('POST', '/admin/api/credits/grant', ask)).rejects.toThrow(/400.*reference: must/)
      const take = { ...ask, kind: 'adjust', reason: 'test' }
      await expect(t.local('POST', '/admin/api/credits/take', take)).rejects.toThrow(/400.*reference: must/)
    }
  )

  test('a promotion ends when it says, in the book as well', async () => {
    const expires_at = '2026-11-16T12:00:00Z'
    await t.local('POST', '/admin/api/credits/grant', { username: 'ada', credits: 5, kind: 'promotion', expires_at })
    expect((await t.get<Balance>('/api/balance')).grants.map(({ kind }) => kind)).toEqual(['promotion', 'adjustment'])
    t.clock.advance({ days: 1 })
    await until(async () => {
      t.clock.advance({ minutes: 1 })
      return (await t.audit()).totals.expired === '5'
    })
    expect((await t.balance()).balance).toBe(100)
  })
})

describe('warnings', () => {
  test('80 and 95 percent of the balance are said once each', async () => {
    const usage = (credits: number) => ({ input_tokens: 0, output_tokens: credits * 200 })
    const spend = async (credits: number) => {
      t.upstream.play((response) => answer(response, usage(credits)))
      const response = await t.post({ ...ask, max_tokens: 1024 })
      return (JSON.parse(response.headers.get('caicaini-receipt') ?? '') as { warnings: object[] }).warnings
    }
    for (let i = 0; i < 15; i++) expect(await spend(5)).toEqual([])
    expect(await spend(5)).toEqual([{ of: 'balance', percent: 80 }])
    expect(await spend(5)).toEqual([])
    expect(await spend(5)).toEqual([])
    expect(await spend(5)).toEqual([{ of: 'balance', percent: 95 }])
    await t.local('POST', '/admin/api/credits/grant', { username: 'ada', credits: 95 })
    expect(await spend(5)).toEqual([])
  })

  test('of a key’s quota and of a month’s credits as well, and after a session key of both keys', async () => {
    await t.close()
    t = await createTestServer({ credits: 0, catalog: (shipped) => shipped })
    // 16 of 30 days are left, today among them.
    const month = 22_000 * (16 / 30)
    const { keys } = await t.local<{ keys: { id: string }[] }>('GET', '/api/keys?username=ada')
    await t.local('PATCH', `/api/keys/${keys[0]?.id}?username=ada`, { quota: 100 })
    const session = await fetch(`${t.url}/api/keys/self/sessions`, {
      method: 'POST',
      headers: { 'x-api-key': t.key, 'content-type': 'application/json' },
      body: JSON.stringify({ label: 'run', cap: 50 })
    })
    const { key } = (await session.json()) as { key: string }
    const spend = async (credits: number, as = t.key) => {
      t.upstream.play((response) => answer(response, { input_tokens: 0, output_tokens: Math.round(credits * 200) }))
      const response = await t.post({ ...ask, max_tokens: 64_000 }, { key: as })
      return (JSON.parse(response.headers.get('caicaini-receipt') ?? '') as { warnings: object[] }).warnings
    }
    expect(await spend(41, key)).toEqual([{ of: 'key', percent: 80 }])
    expect(await spend(7, key)).toEqual([{ of: 'key', percent: 95 }])
    expect(await spend(33)).toEqual([{ of: 'key', percent: 80 }])
    await t.local('PATCH', `/api/keys/${keys[0]?.id}?username=ada`, { quota: 0 })
    for (let spent = 81; spent + 300 < month * 0.8; spent += 300) expect(await spend(300)).toEqual([])
    expect(await spend(300)).toEqual([{ of: 'month', percent: 80 }])
    expect(await spend(1)).toEqual([])
  })

  test('what could not be collected is an alarm in the log', async () => {
    const lines: { fields: object; message: string }[] = []
    const note = (fields: object, message: string) => void lines.push({ fields, message })
    await t.close()
    t = await createTestServer({ credits: 6, world: { log: { info: () => undefined, warn: note, error: note } } })
    t.upstream.play((response) => answer(response, { input_tokens: 100, output_tokens: 2_000 }))
    await (await t.post(ask)).text()
    expect(lines).toContainEqual({ fields: expect.objectContaining({ uncollected: 4.1 }), message: 'uncollected' })
    expect((await t.balance()).balance).toBe(0)
  })
})
