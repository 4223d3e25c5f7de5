import { afterEach, beforeEach, expect, test } from 'vitest'
import { createIds } from '../lib/ids.js'
import { silentLog } from '../lib/log.js'
import { systemRandom as random } from '../lib/random.js'
import { openSqlite, type Storage } from '../storage/sqlite.js'
import { createFakeClock } from '../testing/fake-clock.js'
import { createKeys } from './service.js'

const clock = createFakeClock()
let storage: Storage
let told: string[]
let events: string[]
let keys: ReturnType<typeof createKeys>

beforeEach(async () => {
  storage = await openSqlite(':memory:')
  told = []
  events = []
  const account = { id: 'acct_1', username: 'ada', role: 'user', plan: 'free', tier: 'free', status: 'active' }
  await storage.db
    .insertInto('account')
    .values({ ...account, created_at_ms: 0n, limits: null })
    .execute()
  keys = createKeys({
    ...storage,
    clock,
    random,
    ids: createIds({ clock, random }),
    log: silentLog,
    admitKey: async () => undefined,
    onKeyMade: async () => undefined,
    vault: { seal: (text) => text, open: (text) => text },
    record: async (_, { action }) => void events.push(action),
    onOldKey: async (_, { name, ageDays }) => void told.push(`${name} ${ageDays}`),
    onKeyLeaked: async (_, { name, foundAt }) => void told.push(`${name} leaked ${foundAt}`)
  })
})
afterEach(() => storage.close())

const make = (name: string) => keys.create('acct_1', { name, scope: 'api', quota: 0n, quotaPeriod: 'life' }, 'acct_1')

test('owners are told of an old key once in 90 days, and no more once it was rotated', async () => {
  const { key } = await make('old')
  const { key: off } = await make('disabled')
  await keys.edit('acct_1', off.id, { disabled: true }, 'acct_1')
  clock.advance({ days: 90 })
  await keys.upkeep.sweep()
  expect(told).toEqual([])
  clock.advance({ days: 1 })
  await keys.upkeep.sweep()
  await keys.upkeep.sweep()
  clock.advance({ days: 60 })
  await keys.upkeep.sweep()
  expect(told).toEqual(['old 91'])
  clock.advance({ days: 31 })
  await keys.upkeep.sweep()
  expect(told).toEqual(['old 91', 'old 182'])
  await keys.upkeep.rotate('acct_1', key.id, { overlapMs: 0, by: 'acct_1' })
  clock.advance({ days: 89 })
  await keys.upkeep.sweep()
  expect(told).toHaveLength(2)
})

test('a key is revoked by its text alone; of a rotated one only the text that leaked', async () => {
  const { key, text } = await make('laptop')
  const { text: fresh } = await keys.upkeep.rotate('acct_1', key.id, { overlapMs: 60_000, by: 'acct_1' })
  const leak = { by: 'github', foundAt: 'https://example.org/x' }
  expect(await keys.upkeep.revokeLeaked(text, leak)).toBe('revoked')
  expect(await keys.upkeep.revokeLeaked(text, leak)).toBe('unknown')
  await expect(keys.authenticate(text)).rejects.toMatchObject({ code: 'unknown_key' })
  expect((await keys.authenticate(fresh)).key.id).toBe(key.id)
  expect(await keys.upkeep.revokeLeaked(fresh, leak)).toBe('revoked')
  expect(await keys.upkeep.revokeLeaked(fresh, leak)).toBe('was revoked')
  await expect(keys.authenticate(fresh)).rejects.toMatchObject({ code: 'revoked_key' })
  expect(told).toEqual(['laptop leaked https://example.org/x', 'laptop leaked https://example.org/x'])
  expect(events).toEqual(['key.create', 'key.rotate', 'key.leaked', 'key.leaked'])
})
