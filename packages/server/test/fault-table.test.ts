import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { creditsFromJson, type Receipt } from '@caicaini/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { answer, begin, fail, plainMessage, sse, streamEvents } from '../src/testing/upstream.js'

/*
 * The fault table of docs/billing.md: each row is a test of the same name, and what its cells say is
 * what happens. A row that cannot be played in one process names its test in another file.
 */

let t: TestServer

beforeEach(async () => {
  t = await createTestServer()
})
afterEach(async () => {
  expect((await t.balance()).held).toBe(0)
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

interface Row {
  readonly name: string
  readonly gets: string
  readonly pays: string
  readonly receipt: string
}

const docs = readFileSync(join(import.meta.dirname, '../../../docs/billing.md'), 'utf8')
const rows: Row[] = (docs.split('\n## Faults\n')[1]?.split(/^## /m)[0] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| how the request ends'))
  .map((line) => {
    const [name = '', gets = '', pays = '', receipt = ''] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim())
    return { name, gets, pays, receipt: receipt.replaceAll('`', '') }
  })

// Haiku 4.5: $1 and $5 per million tokens, so 100 in and 50 out are 0.1 + 0.25 credits.
const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'say hello' }] }
const streamed = { ...ask, stream: true }
const WHOLE = 0.35

/** What the client saw: a status, `an error event` at the end of a stream, or nothing. */
interface Seen {
  readonly gets: string
  readonly requestId: string | null
}

async function seen(response: Response): Promise<Seen> {
  const text = await response.text()
  const failed = text.includes('event: error')
  return { gets: failed ? 'an error event' : String(response.status), requestId: response.headers.get('request-id') }
}

/** Plays one answer and tells what came of asking for it. */
async function played(body: object, play: (response: ServerResponse) => void): Promise<Seen> {
  t.upstream.play(play)
  return seen(await t.post(body))
}

/** Asks, waits until the upstream was asked, and lets go. */
async function left(body: object, play: (response: ServerResponse) => void, readsFirst: boolean): Promise<Seen> {
  t.upstream.play(play)
  const arrived = t.upstream.nextRequest()
  const leave = new AbortController()
  const pending = t.post(body, { signal: leave.signal })
  await arrived
  let requestId: string | null = null
  if (readsFirst) {
    const response = await pending
    requestId = response.headers.get('request-id')
    await response.body?.getReader().read()
  }
  leave.abort()
  await pending.catch(() => undefined)
  await until(async () => (await t.balance()).held === 0)
  return { gets: 'nothing', requestId }
}

/** Asks for an answer that never comes, and lets the time limit pass. */
async function silence(body: object, events: readonly string[]): Promise<Seen> {
  t.upstream.play((response) => {
    if (events.length > 0) begin(response, events)
  })
  const arrived = t.upstream.nextRequest()
  const pending = t.post(body)
  await arrived
  if (events.length === 0) {
    t.clock.advance({ minutes: 10 })
    if (body !== streamed) return seen(await pending)
  }
  const response = await pending
  const reader = response.body?.getReader()
  await reader?.read()
  t.clock.advance({ minutes: 10 })
  let rest = ''
  for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read())
    rest += Buffer.from(chunk.value)
  return {
    gets: rest.includes('event: error') ? 'an error event' : 'nothing',
    requestId: response.headers.get('request-id')
  }
}

/** Asks, and suspends the account while its answer is under way; it is let in again for the receipt. */
async function suspended(body: object, play: (response: ServerResponse) => void): Promise<Seen> {
  t.upstream.play(play)
  const arrived = t.upstream.nextRequest()
  // A stream has brought something; a plain answer is not there before it is whole.
  const pending = t.post(body).then(async (response) => {
    if (body !== streamed || !response.body) return response
    const [first, all] = response.body.tee()
    await first.getReader().read()
    return new Response(all, response)
  })
  await (body === streamed ? pending : arrived)
  await t.local('POST', '/admin/api/users/ada/suspend', { reason: 'x' })
  const told = await seen(await pending)
  await t.local('POST', '/admin/api/users/ada/unsuspend', { reason: 'x' })
  return told
}

async function poorKey(credits: number): Promise<string> {
  await t.local('POST', '/admin/api/users', { username: 'bob', plan: 'pro' })
  await t.local('POST', '/admin/api/credits/grant', { username: 'bob', credits })
  return (await t.local<{ key: string }>('POST', '/api/keys?username=bob', { name: 'k' })).key
}

const cut = (end: (response: ServerResponse) => void) => (response: ServerResponse) => {
  begin(response, streamEvents().slice(0, 5))
  setImmediate(() => end(response))
}

/** How each row is brought about. */
const CASES: Readonly<Record<string, () => Promise<Seen>>> = {
  'a plain answer is whole': () => played(ask, (response) => answer(response)),
  'a streamed answer is whole': () =>
    played(streamed, (response) => {
      begin(response, streamEvents())
      response.end()
    }),
  'the client leaves before the first byte': () => left(streamed, () => {}, false),
  'the client leaves in the middle of a stream': () =>
    left(streamed, (response) => begin(response, streamEvents().slice(0, 5)), true),
  'the client leaves during a plain answer': async () => {
    let finish = () => {}
    t.upstream.play((response) => {
      finish = () => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(plainMessage()))
    })
    const arrived = t.upstream.nextRequest()
    const leave = new AbortController()
    const gone = t.post(ask, { signal: leave.signal }).catch(() => undefined)
    await arrived
    leave.abort()
    await gone
    finish()
    await until(async () => (await t.balance()).held === 0)
    return { gets: 'nothing', requestId: null }
  },
  'the account is suspended in the middle of a stream': () =>
    suspended(streamed, (response) => begin(response, streamEvents().slice(0, 5))),
  'the account is suspended during a plain answer': () => suspended(ask, () => {}),
  "the provider refuses the operator's key or money": async () => {
    for (const status of [401, 402]) expect((await played(ask, (response) => fail(response, status))).gets).toBe('502')
    return played(streamed, (response) => fail(response, 403))
  },
  'the provider fails': () => played(ask, (response) => fail(response, 500)),
  'the provider is overloaded': async () => {
    for (const status of [429, 503]) expect((await played(ask, (response) => fail(response, status))).gets).toBe('529')
    return played(streamed, (response) => fail(response, 529))
  },
  'the provider finds the request at fault': async () => {
    for (const status of [404, 413, 422])
      expect((await played(ask, (response) => fail(response, status))).gets).toBe(String(status))
    return played(ask, (response) => fail(response, 400))
  },
  'the provider does not answer in time': () => silence(ask, []),
  'a stream does not begin in time': () => silence(streamed, []),
  'the provider answers with nothing': () =>
    played(ask, (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end()),
  'the provider closes the connection': () => played(ask, (response) => void response.destroy()),
  'the stream is cut off': () =>
    played(
      streamed,
      cut((response) => void response.destroy())
    ),
  'the stream ends before it is complete': () =>
    played(
      streamed,
      cut((response) => void response.end())
    ),
  'the stream brings an error': () =>
    played(
      streamed,
      cut((response) => void response.end(sse('error', { error: { type: 'api_error', message: 'no' } })))
    ),
  'the stream falls silent': () => silence(streamed, streamEvents().slice(0, 5)),
  'the answer costs more than was held': async () => {
    // 5.2 credits are held; 30,000 tokens cost 150, and 100 are there.
    return played(ask, (response) => answer(response, { input_tokens: 100, output_tokens: 30_000 }))
  },
  'the balance affords fewer tokens': async () => {
    t.upstream.play((response) => answer(response))
    const response = await t.post({ ...ask, max_tokens: 64_000 })
    expect(Number(response.headers.get('caicaini-clamped'))).toBeGreaterThan(19_000)
    return seen(response)
  },
  'the balance affords too few tokens': async () => seen(await t.post(ask, { key: await poorKey(2) })),
  "the key's own quota affords too few": async () => {
    const { keys } = await t.local<{ keys: { id: string }[] }>('GET', '/api/keys?username=ada')
    await t.local('PATCH', `/api/keys/${keys[0]?.id}?username=ada`, { quota: 2 })
    return seen(await t.post(ask))
  },
  'a limit is exceeded': async () => {
    await t.local('PUT', '/admin/api/users/ada/limits', { key: { input_tokens_per_minute: 1 } })
    return seen(await t.post(ask))
  },
  'the same call comes twice': async () => {
    const named = { headers: { 'idempotency-key': 'call 1' } }
    const first = await t.post(ask, named)
    const { requestId } = await seen(first)
    return { ...(await seen(await t.post(ask, named))), requestId }
  },
  'the clock is set back meanwhile': () =>
    played(ask, (response) => {
      t.clock.set(t.clock.nowMs() - 3 * 86_400_000)
      answer(response)
    }),
  'the server stops': async () => {
    t.upstream.play((response) => begin(response, streamEvents().slice(0, 5)))
    const response = await t.post(streamed)
    const requestId = response.headers.get('request-id')
    const reader = response.body?.getReader()
    await reader?.read()
    const ended = t.server.close()
    t.clock.advance({ seconds: 1 })
    let rest = ''
    for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read())
      rest += Buffer.from(chunk.value)
    await ended
    const told = /: caicaini-receipt (.*)\n/.exec(rest)?.[1] ?? '{}'
    stopped = JSON.parse(told) as Receipt
    await t.upstream.close()
    t = await createTestServer()
    return { gets: rest.includes('event: error') ? 'an error event' : 'nothing', requestId }
  }
}

/** The receipt that a server told before it was gone. */
let stopped: Receipt | undefined

/** Rows whose tests stand elsewhere, for they need a process of their own or a broken database. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'the server dies': 'crash.test.ts',
  'the charge cannot be written': 'recovery.test.ts',
  'the client stops reading': 'unread.test.ts',
  'the month ends meanwhile': 'plans.test.ts'
}

test('each row has its test, and each test its row', () => {
  expect(rows.map(({ name }) => name).sort()).toEqual([...Object.keys(CASES), ...Object.keys(ELSEWHERE)].sort())
  for (const [name, file] of Object.entries(ELSEWHERE))
    expect(readFileSync(join(import.meta.dirname, file), 'utf8')).toContain(`'${name}:`)
})

const PAYS: Readonly<Record<string, (spent: number) => boolean>> = {
  nothing: (spent) => spent === 0,
  'the whole answer': (spent) => spent === WHOLE,
  'the input and what was delivered': (spent) => spent >= 0.1 && spent < WHOLE,
  'what the balance has': (spent) => spent === 100
}

test.each(rows.filter(({ name }) => name in CASES))('$name', async ({ name, gets, pays, receipt: ends }) => {
  const before = await t.balance()
  const result = await CASES[name]?.()
  expect(result?.gets).toBe(gets.split(',')[0])
  const spent = creditsFromJson(before.balance) - creditsFromJson((await t.balance()).balance)
  expect(PAYS[pays]?.(Number(spent) / 1e6), `${pays}: ${spent}`).toBe(true)
  const { receipts } = await t.get<{ receipts: Receipt[] }>('/api/receipts')
  const receipt = stopped ?? receipts.find(({ request_id }) => request_id === result?.requestId) ?? receipts[0]
  stopped = undefined
  if (ends === 'none') return expect(receipts.some(({ request_id }) => request_id === result?.requestId)).toBe(false)
  const said = [
    receipt?.status,
    ...(receipt?.estimated ? ['estimated'] : []),
    ...(receipt?.clamped ? ['clamped'] : []),
    ...((receipt?.uncollected ?? 0) > 0 ? ['uncollected'] : [])
  ]
  expect(said.join(', ')).toBe(ends)
})
