import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqlite, type Storage } from '../storage/sqlite.js'
import type { Tx } from '../storage/tables.js'
import { createFakeClock } from '../testing/fake-clock.js'
import { insertChange, writeTerm } from './store.js'
import { tellBatch } from './tell.js'

const clock = createFakeClock()
const COUNT = 250
const names = Array.from({ length: COUNT }, (_, i) => `acct_${String(i).padStart(4, '0')}`)

let storage: Storage
beforeEach(async () => {
  storage = await openSqlite(':memory:')
  await storage.db.transaction().execute(async (tx) => {
    for (const [index, id] of names.entries()) await insertAccount(tx, { id, isProven: index % 10 !== 0 })
    const entry = { display_name: 'Free', models: 'all' } as never
    for (const kind of ['plan', 'tier'] as const) await writeTerm(tx, { kind, name: 'free', entry, position: 0 })
    for (const [kind, taken] of Object.entries({
      plan: 'the plan Free has fewer keys',
      tier: 'the tier Free is slower'
    }))
      await insertChange(tx, {
        id: `chg_${kind}`,
        subject: `${kind}:free`,
        target: null,
        taken: [taken],
        accounts: COUNT,
        noticedAtMs: clock.nowMs(),
        effectiveAtMs: clock.nowMs() + 7 * 86_400_000
      })
  })
})
afterEach(() => storage.close())

async function insertAccount(tx: Tx, { id, isProven }: { id: string; isProven: boolean }): Promise<void> {
  const created_at_ms = BigInt(clock.nowMs())
  await tx
    .insertInto('account')
    .values({
      id,
      username: id,
      role: 'user',
      plan: 'free',
      tier: 'free',
      status: 'active',
      created_at_ms,
      limits: null
    })
    .execute()
  await tx
    .insertInto('profile')
    .values({
      account_id: id,
      email: `${id}@example.org`,
      email_key: `${id}@example.org`,
      email_verified_at_ms: isProven ? created_at_ms : null,
      age: 18n,
      terms_version: '2026-11-21',
      terms_accepted_at_ms: created_at_ms,
      created_at_ms
    })
    .execute()
}

test('every account with a proven address is told once of all that was taken, however often it is broken off', async () => {
  const told: string[] = []
  let calls = 0
  // What was told in a transaction that failed was not.
  const tell = async (_: Tx, { accountId, sentences }: { accountId: string; sentences: readonly string[] }) => {
    if ([60, 130, 300].includes(++calls)) throw new Error('disk full')
    expect(sentences).toEqual(['The plan Free has fewer keys.', 'The tier Free is slower.'])
    inThis.push(accountId)
  }
  let inThis: string[] = []
  for (let hasMore = true; hasMore; ) {
    inThis = []
    const more = await storage.db
      .transaction()
      .execute((tx) => tellBatch(tx, { clock, tell }))
      .catch(() => null)
    if (more !== null) told.push(...inThis)
    hasMore = more !== false
  }
  expect(told).toEqual(names.filter((_, index) => index % 10 !== 0))
})

test('a change that was withdrawn is told to nobody', async () => {
  await storage.db.transaction().execute((tx) => tx.updateTable('catalog_change').set({ state: 'withdrawn' }).execute())
  const more = await storage.db.transaction().execute((tx) => tellBatch(tx, { clock, tell: async () => expect.fail() }))
  expect(more).toBe(false)
})
