import { closeSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { creditsFromJson, type Receipt } from '@caicaini/protocol'
import type { AuditReport, Balance } from '@caicaini/protocol/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildServer } from '../src/app.js'
import { readConfig } from '../src/config.js'
import { ConfigError } from '../src/lib/config-error.js'
import { type ChildServer, type ChildServers, createChildServers } from '../src/testing/child-server.js'

/*
 * A machine that loses its power leaves the end of the log as the disk had it. Whatever was committed
 * before the damage is there. A database file that is damaged itself is refused, with what to do.
 */

let c: ChildServers

beforeEach(async () => {
  c = await createChildServers()
})
afterEach(() => c.close())

const body = JSON.stringify({
  model: 'claude-haiku-4-5',
  max_tokens: 1024,
  messages: [{ role: 'user', content: 'hi' }]
})

async function ask(server: ChildServer, key: string): Promise<Receipt> {
  const response = await fetch(`${server.url}/v1/messages`, { method: 'POST', headers: { 'x-api-key': key }, body })
  return JSON.parse(response.headers.get('caicaini-receipt') ?? '') as Receipt
}

/** A server that has answered some requests, one after the other, and was killed; what its clients were told. */
async function killedAfter(count: number): Promise<{ key: string; receipts: Receipt[] }> {
  const server = await c.serve()
  const key = await server.createCustomer()
  const receipts: Receipt[] = []
  for (let i = 0; i < count; i++) receipts.push(await ask(server, key))
  await server.kill()
  return { key, receipts }
}

/** Where the frames of the last commit begin and end in the log. SQLite's file format, section 4: the WAL format. */
function lastCommit(path: string): { from: number; to: number; frameBytes: number } {
  const bytes = readFileSync(path)
  const frameBytes = 24 + bytes.readUInt32BE(8)
  const salts = bytes.toString('hex', 16, 24)
  const commits = [32]
  for (let at = 32; at + frameBytes <= bytes.length; at += frameBytes) {
    if (bytes.toString('hex', at + 8, at + 16) !== salts) break
    if (bytes.readUInt32BE(at + 4) !== 0) commits.push(at + frameBytes)
  }
  const [from = 32, to = 32] = commits.slice(-2)
  return { from, to, frameBytes }
}

function overwrite(path: string, from: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, from)
  closeSync(file)
}

type Damage = (path: string, commit: { from: number; to: number; frameBytes: number }) => void

const noise = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 151 + 43) % 256)

const inTheLast: [string, Damage][] = [
  ['cut off in the middle of a page', (path, { from }) => truncateSync(path, from + 1500)],
  ['cut off in the last page', (path, { to }) => truncateSync(path, to - 700)],
  [
    'zeros where a page was',
    (path, { to, frameBytes }) => overwrite(path, to - frameBytes, new Uint8Array(frameBytes))
  ],
  ['noise in a page', (path, { from }) => overwrite(path, from + 500, noise(2000))],
  ['noise in the head of a page', (path, { to, frameBytes }) => overwrite(path, to - frameBytes, noise(24))]
]

test.each(inTheLast)('the last commit torn (%s): all before it is there, and the books agree', async (_how, damage) => {
  const { key, receipts } = await killedAfter(6)
  const log = `${c.databasePath}-wal`
  damage(log, lastCommit(log))
  const server = await c.serve()
  for (const told of receipts.slice(0, -1))
    expect(await server.get<Receipt>(`/api/receipts/${told.request_id}`, key)).toEqual(told)
  // The last commit was the last request's settle: what it held has come back.
  const last = await server.get<Receipt>(`/api/receipts/${receipts.at(-1)?.request_id}`, key)
  expect(last).toMatchObject({ status: 'released', credits: 0 })
  await checkBooks(server, key, receipts.slice(0, -1))
  await ask(server, key)
  expect(await server.stop()).toBe(0)
})

const behindIt: [string, Damage][] = [
  ['half a page', (path, { to }) => overwrite(path, to, noise(2000))],
  [
    'a page of an unfinished commit',
    (path, { from, to, frameBytes }) => overwrite(path, to, readFileSync(path).subarray(from, from + frameBytes))
  ],
  ['zeros', (path, { to }) => overwrite(path, to, new Uint8Array(20_000))]
]

test.each(behindIt)('behind the last commit %s: everything is there', async (_what, damage) => {
  const { key, receipts } = await killedAfter(3)
  const log = `${c.databasePath}-wal`
  const commit = lastCommit(log)
  expect(statSync(log).size).toBe(commit.to)
  damage(log, commit)
  const server = await c.serve()
  for (const told of receipts) expect(await server.get<Receipt>(`/api/receipts/${told.request_id}`, key)).toEqual(told)
  await checkBooks(server, key, receipts)
  expect(await server.stop()).toBe(0)
})

async function checkBooks(server: ChildServer, key: string, receipts: readonly Receipt[]): Promise<void> {
  const spent = receipts.reduce((sum, { credits }) => sum + creditsFromJson(credits), 0n)
  const { balance, held } = await server.get<Balance>('/api/balance', key)
  expect({ balance: creditsFromJson(balance), held }).toEqual({ balance: creditsFromJson(100) - spent, held: 0 })
  const audit = await server.local<AuditReport>('GET', '/admin/api/ledger/audit')
  expect(audit).toMatchObject({ ok: true, holds_open: 0, differences: [] })
}

const inTheFile: [string, (path: string) => void][] = [
  ['noise at its beginning', (path) => overwrite(path, 0, noise(100))],
  ['noise in its first page', (path) => overwrite(path, 100, noise(3000))],
  ['noise all over it', (path) => overwrite(path, 4096, noise(statSync(path).size - 4096))],
  ['its end missing', (path) => truncateSync(path, 3 * 4096)],
  ['something else altogether', (path) => writeFileSync(path, 'this is no database, whatever its name says')]
]

test.each(inTheFile)(
  'the database file damaged (%s): refused, with the file and the mend, and left as it is',
  async (_how, damage) => {
    const server = await c.serve()
    await ask(server, await server.createCustomer())
    expect(await server.stop()).toBe(0)
    damage(c.databasePath)
    const before = readFileSync(c.databasePath)
    const started = buildServer(readConfig({ dataDir: c.dataDir, env: {}, log: 'silent' }))
    const error = await started.then(
      () => undefined,
      (refusal: unknown) => refusal
    )
    expect(error).toBeInstanceOf(ConfigError)
    const { message } = error as ConfigError
    expect(message.startsWith(`${c.databasePath}: the file is damaged`)).toBe(true)
    expect(message).toContain('restore a backup')
    expect(message).not.toContain('\n')
    expect(readFileSync(c.databasePath).equals(before)).toBe(true)
  }
)
