import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { creditsFromJson } from '@caicaini/protocol'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Log } from '../src/lib/log.js'
import { withoutLimits } from '../src/testing/catalog.js'
import { catchConnections, fillDisk } from '../src/testing/live-connections.js'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { answer, begin, streamEvents } from '../src/testing/upstream.js'

/*
 * The disk and the clock at fault. Whatever it is: clients and operators are told, nothing is lost or
 * charged for nothing, and once it is mended the server goes on.
 */

let dataDir: string
let t: TestServer
let database: Database.Database
const lines: string[] = []
const note = (_fields: object, message: string) => void lines.push(message)
const log: Log = { info: () => undefined, warn: note, error: note }

beforeEach(async () => {
  lines.length = 0
  dataDir = mkdtempSync(join(tmpdir(), 'caicaini-faults-'))
  // One stream at a time, so that a slot that did not come back is seen.
  const catalog: typeof withoutLimits = (file) => {
    withoutLimits(file)
    for (const tier of Object.values(file.tiers)) tier.concurrent_streams = 1
    return file
  }
  const [server, connections] = await catchConnections(() => createTestServer({ dataDir, world: { log }, catalog }))
  t = server
  database = connections[0] as Database.Database
})
afterEach(async () => {
  expect((await t.balance()).held).toBe(0)
  expect((await t.audit()).differences).toEqual([])
  await t.close()
  rmSync(dataDir, { recursive: true })
})

const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'hi' }] }
const streamed = { ...ask, stream: true }
const COST = creditsFromJson(0.35)

/** A stream that is begun, and what ends it. */
async function beginStream(): Promise<{ requestId: string | null; finish: () => Promise<string> }> {
  let end = () => {}
  t.upstream.play((response) => {
    begin(response, streamEvents().slice(0, 5))
    end = () => void response.end(streamEvents().slice(5).join(''))
  })
  const response = await t.post(streamed)
  t.upstream.play((next) => answer(next))
  return {
    requestId: response.headers.get('request-id'),
    finish() {
      end()
      return response.text()
    }
  }
}

/** What a client is told whose request met the fault. */
async function expectTold(response: Response): Promise<void> {
  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({
    error: { message: expect.stringContaining('cannot use its database right now') },
    request_id: response.headers.get('request-id')
  })
}

async function expectWorksAgain(): Promise<void> {
  // Holds whose end could not be written come back within a minute.
  t.clock.advance({ minutes: 1 })
  await until(async () => (await t.balance()).held === 0)
  const before = creditsFromJson((await t.balance()).balance)
  expect((await t.post(ask)).status).toBe(200)
  expect(await (await beginStream()).finish()).toContain('message_stop')
  expect(before - creditsFromJson((await t.balance()).balance)).toBe(2n * COST)
}

test('a full disk: no hold, no call; no settle, no charge; and on it goes when there is room', async () => {
  const stream = await beginStream()
  const makeRoom = fillDisk(database)
  let served = 0n
  let refused = 0
  // What is half full of the last pages may take a few more.
  for (let tries = 0; refused < 20 && tries < 400; tries++) {
    const response = await t.post(ask)
    if (response.status === 200) served++
    else await expectTold(response)
    refused += Number(response.status !== 200)
  }
  expect(refused).toBe(20)
  const text = await stream.finish()
  expect(text).toContain('event: error')
  expect(text).not.toContain('message_stop')
  expect(lines).toContain(
    'the database cannot be used: the disk is full: free some space on it (database or disk is full)'
  )
  expect(lines).toContain('could not settle')

  makeRoom()
  await expectWorksAgain()
  expect(await t.receipt(stream.requestId)).toMatchObject({ status: 'released', credits: 0 })
  expect(creditsFromJson(100) - creditsFromJson((await t.balance()).balance)).toBe((served + 2n) * COST)
})

test('a database that another process keeps locked: requests wait, then are told; nothing freezes', async () => {
  const stream = await beginStream()
  const other = new Database(join(dataDir, 'caicaini.sqlite'))
  other.exec('begin immediate')
  const [waiting, cut] = [t.post(ask), stream.finish()]
  const askedMs = performance.now()
  expect((await fetch(`${t.url}/healthz`)).status).toBe(200)
  expect(performance.now() - askedMs).toBeLessThan(2_000)
  await expectTold(await waiting)
  expect(await cut).toContain('event: error')
  const wanted = 'another process has kept it locked for too long: stop what else works on this file'
  expect(lines.some((line) => line.includes(wanted))).toBe(true)

  other.exec('rollback')
  other.close()
  await expectWorksAgain()
  expect((await t.balance()).balance).toBe(99.3)
})

test('a lock that is given back in time is not noticed', async () => {
  const other = new Database(join(dataDir, 'caicaini.sqlite'))
  other.exec('begin immediate')
  const waiting = t.post(ask)
  await new Promise((resolve) => setTimeout(resolve, 500))
  other.exec('rollback')
  other.close()
  expect((await waiting).status).toBe(200)
})

test.each([
  ['three hours', 3 * 3_600_000],
  ['forty days', 40 * 86_400_000]
])('a clock set back by %s: what was bought, billed and named stays', async (_how, byMs) => {
  const named = { headers: { 'idempotency-key': 'call 1' } }
  expect((await t.post(ask, named)).status).toBe(200)
  const stream = await beginStream()
  t.clock.set(t.clock.nowMs() - byMs)
  expect(await stream.finish()).toContain('message_stop')
  expect((await t.balance()).balance).toBe(99.3)
  expect(await t.receipt(stream.requestId)).toMatchObject({ status: 'complete', credits: 0.35, latency_ms: 0 })

  expect((await t.post(ask, named)).status).toBe(409)
  const { key } = await sessionKey()
  expect((await t.post(ask, { key })).status).toBe(200)
  // A minute later, by whatever clock, the server still keeps its lease and looks after its holds.
  t.clock.advance({ minutes: 1 })
  expect((await t.post(ask)).status).toBe(200)
  t.clock.set(t.clock.nowMs() + byMs)
  expect((await t.post(ask, named)).status).toBe(409)
  expect((await t.balance()).balance).toBe(98.6)
})

async function sessionKey(): Promise<{ key: string }> {
  const response = await fetch(`${t.url}/api/keys/self/sessions`, {
    method: 'POST',
    headers: { 'x-api-key': t.key, 'content-type': 'application/json' },
    body: JSON.stringify({ label: 'run', cap: 10, expires_in_s: 7200 })
  })
  return (await response.json()) as { key: string }
}
