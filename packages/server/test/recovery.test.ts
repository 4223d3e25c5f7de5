import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditReport } from '@caicaini/protocol/api'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildServer } from '../src/app.js'
import { readConfig } from '../src/config.js'
import type { Log } from '../src/lib/log.js'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { begin, streamEvents } from '../src/testing/upstream.js'

let dataDir: string
let t: TestServer
const lines: string[] = []
const note = (_fields: object, message: string) => void lines.push(message)
const log: Log = { info: () => undefined, warn: note, error: note }

beforeEach(async () => {
  lines.length = 0
  dataDir = mkdtempSync(join(tmpdir(), 'caicaini-recovery-'))
  t = await createTestServer({ dataDir, world: { log } })
})
afterEach(async () => {
  await t.close()
  rmSync(dataDir, { recursive: true })
})

const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'hi' }] }

/** Makes every write of a receipt fail until the returned function is called, as a full disk would. */
function breakReceipts(): () => void {
  const database = new Database(join(dataDir, 'caicaini.sqlite'))
  database.exec("create trigger broken before insert on receipt begin select raise(abort, 'broken'); end")
  return () => {
    database.exec('drop trigger broken')
    database.close()
  }
}

/** A plain answer, a stream, and a client that leaves: none of them can be settled. */
async function failToSettle(): Promise<void> {
  expect((await t.post(ask)).status).toBe(500)
  t.upstream.play((response) => {
    begin(response, streamEvents())
    response.end()
  })
  const text = await (await t.post({ ...ask, stream: true })).text()
  expect(text).toContain('event: error')
  expect(text).not.toContain('message_stop')
  t.upstream.play((response) => begin(response, streamEvents().slice(0, 4)))
  const stopped = t.upstream.nextAbort()
  const leave = new AbortController()
  const response = await t.post({ ...ask, stream: true }, { signal: leave.signal })
  await response.body?.getReader().read()
  leave.abort()
  await stopped
}

test('the charge cannot be written: it says so in the log, keeps its hold, and gives it back within a minute', async () => {
  const mend = breakReceipts()
  await failToSettle()
  await until(() => lines.filter((line) => line === 'could not settle').length === 3)
  expect((await t.balance()).held).toBeGreaterThan(0)
  mend()
  t.clock.advance({ minutes: 1 })
  await until(async () => (await t.balance()).held === 0)
  expect((await t.balance()).balance).toBe(100)
  expect((await t.audit()).differences).toEqual([])
})

test('a server that stops with holds it could not settle leaves them for the next start, which gives them back', async () => {
  const mend = breakReceipts()
  await failToSettle()
  mend()
  await t.close()
  const gone = { self: { host: 'other', pid: 1, start: 'b' }, isAlive: () => false }
  const next = await buildServer(readConfig({ dataDir, env: {}, log: 'silent' }), { processes: gone })
  const audit = await next.fetchLocal(new Request('http://local/admin/api/ledger/audit'))
  expect((await audit.json()) as AuditReport).toMatchObject({ ok: true, holds_open: 0 })
  await next.close()
})
