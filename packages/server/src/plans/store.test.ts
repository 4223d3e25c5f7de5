import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqlite, type Storage } from '../storage/sqlite.js'
import type { NewRow } from '../storage/tables.js'
import { insertMonth, insertSubscription } from './store.js'

let storage: Storage

beforeEach(async () => {
  storage = await openSqlite(':memory:')
  await storage.db
    .insertInto('account')
    .values({
      id: 'acct_1',
      username: 'ada',
      role: 'user',
      plan: 'pro',
      tier: 'free',
      status: 'active',
      created_at_ms: 0n
    })
    .execute()
})
afterEach(() => storage.close())

const row = (fields: Partial<NewRow<'subscription'>>): NewRow<'subscription'> => ({
  id: 'sub_1',
  account_id: 'acct_1',
  plan: 'pro',
  state: 'active',
  begins_month: '2026-11',
  last_month: null,
  base_monthly: 0n,
  created_at_ms: 0n,
  begun_at_ms: 0n,
  ended_at_ms: null,
  created_by: null,
  ...fields
})
const insert = (...rows: Partial<NewRow<'subscription'>>[]) =>
  storage.db.transaction().execute(async (tx) => {
    for (const fields of rows) await insertSubscription(tx, row(fields))
  })

test('the database itself knows one subscription that runs, and one that waits', async () => {
  await insert({}, { id: 'sub_2', begun_at_ms: null, begins_month: '2026-12' })
  await expect(insert({ id: 'sub_3' })).rejects.toThrow(/UNIQUE/)
  await expect(insert({ id: 'sub_3', begun_at_ms: null })).rejects.toThrow(/UNIQUE/)
  await insert({ id: 'sub_3', state: 'ended', ended_at_ms: 1n })
})

test.each<[string, Partial<NewRow<'subscription'>>]>([
  ['an end without its time', { state: 'ended' }],
  ['a last month before the first', { last_month: '2026-10' }],
  ['a month that is none', { begins_month: '2026-1' }]
])('%s is refused', async (_what, fields) => {
  await expect(insert(fields)).rejects.toThrow(/CHECK/)
})

test('a month is given once, and credits come with their grant', async () => {
  await insert({})
  const month = { subscription_id: 'sub_1', month: '2026-11', plan: 'pro', created_at_ms: 0n }
  const give = (micro: bigint) =>
    storage.db.transaction().execute((tx) => insertMonth(tx, { ...month, grant_id: null, micro }))
  await expect(give(5n)).rejects.toThrow(/CHECK/)
  await give(0n)
  await expect(give(0n)).rejects.toThrow(/UNIQUE/)
})

test('what an operator did cannot be changed or taken away', async () => {
  const { db } = storage
  const event = { id: 'evt_1', at_ms: 0n, actor_account_id: 'acct_1', action: 'a', subject: 's', detail: '{}' }
  await db.insertInto('operator_event').values(event).execute()
  await expect(db.updateTable('operator_event').set({ subject: 't' }).execute()).rejects.toThrow(/append-only/)
  await expect(db.deleteFrom('operator_event').execute()).rejects.toThrow(/append-only/)
})
