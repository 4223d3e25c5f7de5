import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildServer, type Server } from '../src/app.js'
import { readConfig } from '../src/config.js'
import { register, send, setFactors } from '../src/testing/persons.js'
import { refusal } from '../src/testing/refusal.js'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { begin, streamEvents } from '../src/testing/upstream.js'

let dataDir: string
let t: TestServer
let other: Server | undefined

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'caicaini-standing-'))
  const env = { CAICAINI_CAPTCHA: 'off', CAICAINI_APPEAL_CONTACT: 'mailto:appeal@example.org' }
  t = await createTestServer({ dataDir, env })
})
afterEach(async () => {
  await other?.close()
  other = undefined
  await t.close()
  rmSync(dataDir, { recursive: true })
})

const question = { model: 'haiku', max_tokens: 100, stream: true, messages: [{ role: 'user', content: 'hi' }] }
const decide = (kind: string, body: object = {}, username = 'ada') =>
  t.local<{ forfeited: number; stopped: boolean; history: { kind: string; by: string }[] }>(
    'POST',
    `/admin/api/users/${username}/${kind}`,
    { reason: 'shared its key.', ...body }
  )

/** Another process on the same data. */
async function decideElsewhere(kind: string): Promise<void> {
  other = await buildServer(readConfig({ dataDir, followsData: true, env: {}, log: 'silent' }), { clock: t.clock })
  const init = { method: 'POST', body: '{"reason":"x"}', headers: { 'content-type': 'application/json' } }
  const response = await other.fetchLocal(new Request(`http://local/admin/api/users/ada/${kind}`, init))
  expect(response.status).toBe(200)
}

/** A stream that said something, and stays open. */
async function openStream() {
  const said = streamEvents({ texts: ['Hello, ', 'world'] }).slice(0, -3)
  t.upstream.play((response) => begin(response, said))
  const response = await t.post(question)
  const requestId = response.headers.get('request-id')
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  const readAll = (async () => {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return text
      text += Buffer.from(value).toString()
    }
  })()
  await until(() => text.includes('world'))
  return { requestId, readAll }
}

describe('suspending', () => {
  test('refuses keys at once, and says why and whom to ask', async () => {
    expect((await t.get<object>('/api/keys/self')) !== undefined).toBe(true)
    await decide('suspend', { note: 'ticket 7' })
    const { status, error } = await refusal(await send(t, 'GET', '/api/balance', { headers: { 'x-api-key': t.key } }))
    expect({ status, code: error.code, message: error.message }).toEqual({
      status: 403,
      code: 'suspended',
      message: 'the account "ada" is suspended: shared its key. To appeal, write to appeal@example.org'
    })
    const { history, stopped } = await decide('unsuspend')
    expect({ stopped, kinds: history.map(({ kind, by }) => [kind, by]) }).toEqual({
      stopped: false,
      kinds: [
        ['lift', 'owner'],
        ['suspend', 'owner']
      ]
    })
    expect((await t.balance()).balance).toBe(100)
  })

  test('refuses keys at once in another process', async () => {
    expect((await t.balance()).balance).toBe(100)
    await decideElsewhere('suspend')
    const response = await send(t, 'GET', '/api/balance', { headers: { 'x-api-key': t.key } })
    expect((await refusal(response)).error.code).toBe('suspended')
  })

  test('ends sessions, and nobody signs in again', async () => {
    const grace = await register(t, 'grace')
    await decide('suspend', {}, 'grace')
    expect((await send(t, 'GET', '/api/account', { as: grace })).status).toBe(401)
    const body = { name: 'grace', password: 'a compiler of my own' }
    const refused = await refusal(await send(t, 'POST', '/api/login', { body }))
    expect(refused).toMatchObject({ status: 403, error: { code: 'suspended' } })
    expect(refused.error.message).toContain('appeal@example.org')
    const wrong = await refusal(await send(t, 'POST', '/api/login', { body: { ...body, password: 'wrong one' } }))
    expect(wrong.error.code).toBe('sign_in_failed')
    await decide('unsuspend', {}, 'grace')
    expect((await send(t, 'POST', '/api/login', { body })).status).toBe(200)
  })

  test.each(['here', 'elsewhere'])(
    '%s stops a running stream within a second; what was delivered is billed',
    async (where) => {
      const { requestId, readAll } = await openStream()
      const aborted = t.upstream.nextAbort()
      if (where === 'here') await decide('suspend')
      else {
        await decideElsewhere('suspend')
        t.clock.advance({ ms: 500 })
      }
      const text = await readAll
      await aborted
      expect(text).toContain('"code":"suspended"')
      expect(text).toContain(': caicaini-receipt ')
      await decide('unsuspend')
      const receipt = await t.receipt(requestId)
      expect(receipt).toMatchObject({ status: 'aborted', estimated: true })
      expect(receipt.credits).toBeGreaterThan(0)
      expect((await t.audit()).differences).toEqual([])
      expect((await t.balance()).held).toBe(0)
    }
  )

  test.each([
    ['here', 'before a byte came', undefined],
    ['here', 'half-way', '{"id":"msg_1","content":[{"type":"text","text":"Hel'],
    ['elsewhere', 'half-way', '{"id":"msg_1","content":[{"type":"text","text":"Hel']
  ])('%s stops an answer that is not streamed %s; nothing of it is billed', async (where, _, half) => {
    t.upstream.play((response) => {
      if (half !== undefined) response.writeHead(200, { 'content-type': 'application/json' }).write(half)
    })
    const [asked, aborted] = [t.upstream.nextRequest(), t.upstream.nextAbort()]
    const answering = t.post({ ...question, stream: false })
    await asked
    expect((await t.balance()).held).toBeGreaterThan(0)
    if (where === 'here') await decide('suspend')
    else {
      await decideElsewhere('suspend')
      t.clock.advance({ ms: 500 })
    }
    const response = await answering
    const requestId = response.headers.get('request-id')
    expect(await refusal(response)).toMatchObject({ status: 403, error: { code: 'suspended' } })
    await aborted
    await decide('unsuspend')
    expect(await t.receipt(requestId)).toMatchObject({ status: 'aborted', credits: 0, output_tokens: 0 })
    expect(await t.balance()).toMatchObject({ balance: 100, held: 0 })
    expect((await t.audit()).differences).toEqual([])
  })

  test('of one account leaves the streams of others alone', async () => {
    const { readAll } = await openStream()
    await register(t, 'grace')
    await decide('suspend', {}, 'grace')
    t.clock.advance({ seconds: 2 })
    const ended = await Promise.race([readAll.then(() => 'ended'), new Promise((r) => setTimeout(r, 50, 'runs'))])
    expect(ended).toBe('runs')
    await decide('suspend')
    await readAll
  })
})

describe('a ban', () => {
  test('may take the credits, in one with the decision', async () => {
    expect((await decide('ban', { forfeit: true })).forfeited).toBe(100)
    const { users } = await t.local<{ users: { username: string; balance: number; status: string }[] }>(
      'GET',
      '/admin/api/users'
    )
    expect(users.find(({ username }) => username === 'ada')).toMatchObject({ balance: 0, status: 'suspended' })
    expect((await t.audit()).differences).toEqual([])
    const { events } = await t.local<{ events: { action: string; detail: object }[] }>('GET', '/admin/api/events')
    expect(events[0]).toMatchObject({ action: 'user.ban', detail: { reason: 'shared its key.', forfeited: '100' } })
  })

  test('is decided on those below alone, and never on oneself', async () => {
    const names = ['olga', 'otto', 'olaf']
    const [olga] = [await register(t, 'olga'), await register(t, 'otto'), await register(t, 'olaf')]
    for (const [name, role] of [
      ['olga', 'operator'],
      ['otto', 'operator'],
      ['olaf', 'owner']
    ] as const)
      await t.local('PUT', `/admin/api/users/${name}/role`, { role })
    setFactors(dataDir, names, 2)
    const ban = (username: string) =>
      send(t, 'POST', `/admin/api/users/${username}/ban`, { as: olga, body: { reason: 'x' } })
    for (const [name, status] of [
      ['olga', 403],
      ['otto', 403],
      ['olaf', 403],
      ['owner', 403],
      ['nobody', 404],
      ['ada', 200]
    ] as const)
      expect([name, (await ban(name)).status]).toEqual([name, status])
    await expect(decide('ban', {}, 'owner')).rejects.toThrow('403')
  })
})
