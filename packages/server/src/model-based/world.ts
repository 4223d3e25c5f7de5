import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRecovery } from '../instances/recovery.js'
import { startInstance } from '../instances/service.js'
import { createLedger } from '../ledger/service.js'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import { silentLog } from '../lib/log.js'
import { openSqlite, type Storage } from '../storage/sqlite.js'
import type { Db } from '../storage/tables.js'
import { type PlainKeySetup, turnBefore } from './plain-keys.js'

/*
 * Two processes over one database, whose every move a program makes: nothing happens by a timer, and
 * what is random in ids is counted instead, so that a program runs the same way each time.
 */

export const ACCOUNTS = ['acct_0', 'acct_1', 'acct_2'] as const

/** The keys of those accounts: some with sessions of their own, some by the day or month. */
const KEYS = [
  { account: 0, parent: null, period: 'life' },
  { account: 0, parent: null, period: 'day' },
  { account: 0, parent: 1, period: 'life' },
  { account: 1, parent: null, period: 'month' },
  { account: 1, parent: 3, period: 'life' },
  { account: 1, parent: null, period: 'life' },
  { account: 2, parent: null, period: 'day' }
] as const

export function keySetups(limits: readonly number[]): PlainKeySetup[] {
  return KEYS.map(({ account, parent, period }, index) => ({
    id: `key_${index}`,
    accountId: ACCOUNTS[account],
    parentId: parent === null ? null : `key_${parent}`,
    period,
    limit: BigInt(limits[index] ?? 0) * 1_000_000n
  }))
}

/** What a run of a process is in the world: its services, and what its peers can know of it. */
export interface Process {
  readonly pid: number
  readonly storage: Storage
  readonly instances: Awaited<ReturnType<typeof startInstance>>
  readonly ledger: ReturnType<typeof createLedger>
  /** One whole round of its recovery. */
  sweep(): Promise<void>
}

export type World = Awaited<ReturnType<typeof openWorld>>

export async function openWorld({ onDisk, keys }: { onDisk: boolean; keys: readonly PlainKeySetup[] }) {
  const folder = onDisk ? mkdtempSync(join(tmpdir(), 'caicaini-model-')) : null
  const open = () => openSqlite(folder === null ? ':memory:' : join(folder, 'caicaini.sqlite'))
  const shared = folder === null ? await open() : null
  let nowMs = Date.UTC(2026, 10, 15, 12)
  const clock: Clock = { nowMs: () => nowMs, after: () => () => {} }
  const ids = countedIds()
  const alive = new Set<number>()
  let pids = 0

  async function start(): Promise<Process> {
    const pid = ++pids
    alive.add(pid)
    const storage = shared ?? (await open())
    const { db, snapshot } = storage
    const self = { host: 'here', pid, start: String(pid) }
    const processes = { self, isAlive: (other: { pid: number }) => alive.has(other.pid) }
    const instances = await startInstance({ db, clock, ids, log: silentLog, processes })
    const ledger = createLedger({ db, snapshot, clock, ids, instance: instances.current })
    async function sweep() {
      const recovery = await startRecovery({ instances, ledger, clock, log: silentLog })
      recovery.stop()
    }
    return { pid, storage, instances, ledger, sweep }
  }

  async function stop(process: Process, { killed }: { killed: boolean }): Promise<void> {
    if (!killed) await process.instances.close()
    if (!shared) await process.storage.close()
    alive.delete(process.pid)
  }

  const two = [await start(), await start()]
  const process = (index: number) => two[index % 2] as Process
  await insertKeys(process(0).storage.db, keys, nowMs)

  return {
    clock,
    ids,
    process,
    setClock(atMs: number) {
      nowMs = atMs
    },
    async restart(index: number, how: { killed: boolean }): Promise<void> {
      await stop(process(index), how)
      two[index % 2] = await start()
    },
    async close(): Promise<void> {
      for (const each of two) if (!shared) await each.storage.close()
      await shared?.close()
      if (folder !== null) rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** As they come, each after the last: their order is that of their making. */
export function countedIds(): Ids & { readonly last: string } {
  let count = 0
  let last = ''
  return {
    next(prefix) {
      last = `${prefix}_${String(++count).padStart(8, '0')}`
      return last
    },
    get last() {
      return last
    }
  }
}

async function insertKeys(db: Db, keys: readonly PlainKeySetup[], nowMs: number): Promise<void> {
  const made = { created_at_ms: BigInt(nowMs) }
  const account = { role: 'user', plan: 'pro', tier: 'free', status: 'active', ...made }
  const none = { used: 0n, held: 0n, used_total: 0n, warned: 0n }
  await db.transaction().execute(async (tx) => {
    for (const id of ACCOUNTS)
      await tx
        .insertInto('account')
        .values({ ...account, id, username: id })
        .execute()
    for (const { id, accountId, parentId, period, limit } of keys) {
      const key = { id, account_id: accountId, parent_id: parentId, name: id, scope: 'api', hash: id, hint: '' }
      await tx
        .insertInto('api_key')
        .values({ ...key, ...made })
        .execute()
      const quota = { key_id: id, period, period_start_ms: BigInt(turnBefore(period, nowMs)), credit_limit: limit }
      await tx
        .insertInto('key_quota')
        .values({ ...quota, ...none })
        .execute()
    }
  })
}
