import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Db } from '../storage/tables.js'
import { createTestLedger, credits } from './testing.js'

/*
 * Whoever can write the file can write anything into it. Each of these leaves the chain whole.
 */

type T = Awaited<ReturnType<typeof createTestLedger>>

let t: T
let requestId: string

beforeEach(async () => {
  t = await createTestLedger()
  await sql`insert into account (id, username, role, plan, tier, status, created_at_ms)
    values ('acct_bob', 'bob', 'user', 'pro', 'free', 'active', 0)`.execute(t.db)
  for (const key of ['key_bob', 'key_other']) {
    await sql`insert into api_key (id, account_id, name, scope, hash, hint, created_at_ms)
      values (${key}, ${key === 'key_bob' ? 'acct_bob' : t.accountId}, 'k', 'api', ${key}, '', 0)`.execute(t.db)
    await sql`insert into key_quota (key_id, period, period_start_ms, credit_limit, used, held)
      values (${key}, 'life', 0, 0, 0, 0)`.execute(t.db)
  }
  await sql`update key_quota set period = 'day' where key_id = ${t.keyId}`.execute(t.db)
  await t.grant('topup', credits(10))
  ;({ requestId } = t.hold(4))
  await t.settle(requestId, credits(3))
  expect((await t.ledger.audit()).differences).toEqual([])
})
afterEach(() => t.close())

const receiptSet = (what: string) => (db: Db) => sql.raw(`update receipt set ${what}`).execute(db)

describe('the audit finds', () => {
  test.each<[string, (db: Db) => Promise<unknown>]>([
    ['a receipt of another account', receiptSet(`account_id = 'acct_bob'`)],
    ['a receipt of another key', receiptSet(`key_id = 'key_other'`)],
    ['a hold of another account', (db) => sql`update hold set account_id = 'acct_bob'`.execute(db)],
    ['an answer that is said to have been cut', receiptSet(`status = 'aborted'`)],
    ['another provider', receiptSet(`provider = 'anthropic'`)],
    ['another time', receiptSet('settled_at_ms = settled_at_ms + 1')],
    ['tokens that nobody used', receiptSet('output_tokens = 0')],
    ['credits that nobody owed', receiptSet('uncollected = 1')],
    ['a receipt without its sum', receiptSet(`body = json_remove(body, '$.credits')`)],
    ['a receipt that is none', receiptSet(`body = 'gone'`)],
    ['a grant by another reference', (db) => sql`update "grant" set reference = 'free'`.execute(db)],
    ['a quota of the day that was emptied', (db) => sql`update key_quota set used = 0 where period = 'day'`.execute(db)]
  ])('%s', async (_what, tamper) => {
    await tamper(t.db)
    const { differences } = await t.ledger.audit()
    expect(differences).not.toEqual([])
  })
})

test('nobody waits for the audit of many accounts: others get their turn after each', async () => {
  for (let i = 0; i < 100; i++)
    await sql`insert into account (id, username, role, plan, tier, status, created_at_ms)
      values (${`acct_${i}`}, ${`u${i}`}, 'user', 'pro', 'free', 'active', 0)`.execute(t.db)
  let turns = 0
  let waiting = setImmediate(function take() {
    turns++
    waiting = setImmediate(take)
  })
  await t.ledger.audit()
  clearImmediate(waiting)
  expect(turns).toBeGreaterThanOrEqual(100)
})
