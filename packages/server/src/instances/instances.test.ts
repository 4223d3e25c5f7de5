import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createIds } from '../lib/ids.js'
import { silentLog } from '../lib/log.js'
import { systemRandom } from '../lib/random.js'
import { openSqlite, type Storage } from '../storage/sqlite.js'
import { createFakeClock, type FakeClock } from '../testing/fake-clock.js'
import { type Processes, type ProcessIdentity, systemProcesses } from './process-identity.js'
import { startInstance } from './service.js'

let storage: Storage
let clock: FakeClock

beforeEach(async () => {
  storage = await openSqlite(':memory:')
  clock = createFakeClock()
})
afterEach(() => storage.close())

function start(self: ProcessIdentity, isAlive: Processes['isAlive'] = () => 'unknown') {
  const ids = createIds({ clock, random: systemRandom })
  return startInstance({ db: storage.db, clock, ids, log: silentLog, processes: { self, isAlive } })
}

const here = { host: 'here', pid: 1, start: 'a' }
const there = { host: 'there', pid: 1, start: 'a' }

test('a living instance is not dead, whatever else is', async () => {
  const one = await start(here)
  const two = await start(there)
  expect(await two.findDead()).toEqual([])
  await one.close()
  expect(await two.findDead()).toEqual([])
})

test('an instance of another host is dead when its lease is over, and may wake', async () => {
  const one = await start(here)
  const two = await start(there)
  clock.set(clock.nowMs() + 60_000)
  expect(await two.findDead()).toEqual([{ id: one.current().id, epoch: 1n, gone: false }])
})

test('one that slept through its lease wakes in a new epoch', async () => {
  const one = await start(here)
  await one.beat()
  expect(one.current().epoch).toBe(1n)
  clock.set(clock.nowMs() + 60_000)
  await one.beat()
  expect(one.current().epoch).toBe(2n)
  await one.beat()
  expect(one.current().epoch).toBe(2n)
})

test('a process of this host that is gone is dead at once, lease or not', async () => {
  const one = await start(here)
  const two = await start({ ...here, pid: 2 }, ({ pid }) => pid !== 1)
  expect(await two.findDead()).toEqual([{ id: one.current().id, epoch: 1n, gone: true }])
  await two.markEnded(one.current().id)
  expect(await two.findDead()).toEqual([])
})

test('an instance that never held anything leaves no row', async () => {
  const one = await start(here)
  await one.close()
  expect(await storage.db.selectFrom('instance').selectAll().execute()).toEqual([])
})

test("this machine's processes are told apart: alive, gone, and another of the same pid", async () => {
  const { self, isAlive } = systemProcesses()
  expect(isAlive(self)).toBe(true)
  expect(isAlive({ ...self, start: `${self.start}0` })).toBe(false)
  expect(isAlive({ ...self, host: 'elsewhere' })).toBe('unknown')
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  await once(child, 'spawn')
  const pid = child.pid as number
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(isAlive({ ...self, pid })).toBe(false)
})
