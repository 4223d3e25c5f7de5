import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Balance } from '@caicaini/protocol/api'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildServer, type Server } from '../src/app.js'
import { readConfig } from '../src/config.js'
import { changed } from '../src/testing/catalog.js'
import { createFakeClock, type FakeClock } from '../src/testing/fake-clock.js'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { answer, begin, plainMessage, streamEvents } from '../src/testing/upstream.js'

/*
 * A laptop's sleep: one server is frozen for longer than its lease in the middle of its answers, another
 * on the same file gives back what it held. When it wakes its clock has jumped, and its answers go on.
 */

let dataDir: string
/** The one that sleeps, and one that does not. */
let t: TestServer
let other: Server
let otherClock: FakeClock

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'caicaini-sleep-'))
  // One stream and three requests at once: a slot that did not come back is seen.
  const catalog = changed((file) => {
    for (const tier of Object.values(file.tiers)) tier.concurrent_streams = 1
    file.limits.concurrent_requests_per_key_max = 3
  })
  t = await createTestServer({ dataDir, catalog })
  otherClock = createFakeClock(t.clock.nowMs())
  other = await buildServer(readConfig({ dataDir, env: {}, log: 'silent' }), { clock: otherClock })
})
afterEach(async () => {
  expect((await t.balance()).held).toBe(0)
  expect((await t.audit()).differences).toEqual([])
  await other.close()
  await t.close()
  rmSync(dataDir, { recursive: true })
})

const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'hi' }] }

const heldByTheOther = async () => {
  const request = new Request('http://other/api/balance', { headers: { 'x-api-key': t.key } })
  return ((await (await other.fetch(request)).json()) as Balance).held
}

/** Time passes for the other alone, until it has given back what the sleeper held. */
async function sleepFor(minutes: number): Promise<void> {
  otherClock.advance({ minutes })
  await until(async () => (await heldByTheOther()) === 0)
}

function wake(): void {
  t.clock.set(otherClock.nowMs())
}

/** The epoch that the newest hold was taken in. */
function newestEpoch(): number {
  const database = new Database(join(dataDir, 'caicaini.sqlite'), { readonly: true })
  const epoch = database.prepare('select epoch from hold order by request_id desc limit 1').pluck().get() as number
  database.close()
  return epoch
}

test('who slept settles nothing: the stream tells the receipt that was made meanwhile, and costs nothing', async () => {
  let finish = () => {}
  t.upstream.play((response) => {
    begin(response, streamEvents().slice(0, 5))
    finish = () => void response.end(streamEvents().slice(5).join(''))
  })
  const response = await t.post({ ...ask, stream: true })
  await sleepFor(1)
  const given = await t.receipt(response.headers.get('request-id'))
  expect(given).toMatchObject({ status: 'released', credits: 0, balance: 100 })

  wake()
  finish()
  const text = await response.text()
  expect(text).toContain('message_stop')
  expect(JSON.parse(/^: caicaini-receipt (.*)$/m.exec(text)?.[1] ?? '')).toEqual(given)
  expect((await t.balance()).balance).toBe(100)
})

test('so does a plain answer, and one whose client left while the server slept', async () => {
  const finishes: (() => void)[] = []
  t.upstream.play((response) => {
    finishes.push(() =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(plainMessage()))
    )
  })
  const leave = new AbortController()
  const arrived = t.upstream.nextRequest()
  const plain = t.post(ask)
  await arrived
  const arrivedToo = t.upstream.nextRequest()
  const left = t.post(ask, { signal: leave.signal }).catch(() => 'left')
  await arrivedToo
  await sleepFor(3)
  leave.abort()
  wake()
  for (const finish of finishes) finish()
  expect(await left).toBe('left')
  const receipt = JSON.parse((await plain).headers.get('caicaini-receipt') ?? '')
  expect(receipt).toMatchObject({ status: 'released', credits: 0 })
  expect((await t.balance()).balance).toBe(100)
})

test('what is asked after waking is billed in a new epoch, and nobody gives it back; all slots are there', async () => {
  t.upstream.play((response) => begin(response, streamEvents().slice(0, 5)))
  const cut = await t.post({ ...ask, stream: true })
  expect(newestEpoch()).toBe(1)
  await sleepFor(1)
  wake()
  await cut.body?.cancel()
  // The first beat of its heart tells it that it slept.
  t.clock.advance({ seconds: 10 })
  otherClock.set(t.clock.nowMs())
  t.upstream.play((response) => answer(response))
  await until(async () => (await t.post(ask)).status === 200 && newestEpoch() === 2)
  const { balance } = await t.balance()

  let finish = () => {}
  t.upstream.play((response) => {
    begin(response, streamEvents().slice(0, 5))
    finish = () => void response.end(streamEvents().slice(5).join(''))
  })
  const stream = await t.post({ ...ask, stream: true })
  expect(stream.status).toBe(200)
  otherClock.advance({ seconds: 20 })
  finish()
  expect(await stream.text()).toContain('"status":"complete"')
  expect((await t.balance()).balance).toBeCloseTo(balance - 0.35, 6)
})
