import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemRandom as random } from '../lib/random.js'
import { openSqlite, type Storage } from '../storage/sqlite.js'
import { createFakeClock } from '../testing/fake-clock.js'
import { type Challenges, createChallenges } from './challenges.js'

let storage: Storage
let clock: ReturnType<typeof createFakeClock>
let challenges: Challenges
const accountId = 'acct_1'

beforeEach(async () => {
  storage = await openSqlite(':memory:')
  clock = createFakeClock()
  challenges = createChallenges({ db: storage.db, clock, random })
  const account = { username: 'ada', role: 'user', plan: 'free', tier: 'free', status: 'active', created_at_ms: 0n }
  await storage.db
    .insertInto('account')
    .values({ id: accountId, ...account })
    .execute()
})
afterEach(() => storage.close())

const ticket = () => challenges.issue({ purpose: 'ticket', accountId })
const bound = { purpose: 'ticket', accountId } as const

test('is good once, however many ask at once, and its text is not stored', async () => {
  const token = await ticket()
  const stored = await storage.db.selectFrom('challenge').select('hash').execute()
  expect(stored).toEqual([{ hash: expect.not.stringContaining(token) }])
  const taken = await Promise.all(Array.from({ length: 5 }, () => challenges.take(token, bound)))
  expect(taken.filter(Boolean)).toHaveLength(1)
  expect(await challenges.find(token, 'ticket')).toBeUndefined()
})

test('is good for its purpose, its account and what it belongs to alone', async () => {
  const token = await challenges.issue({ purpose: 'passkey step-up', accountId, data: 'sess_1' })
  const right = { purpose: 'passkey step-up', accountId, data: 'sess_1' } as const
  expect(await challenges.take(token, { ...right, purpose: 'passkey second' })).toBe(false)
  expect(await challenges.take(token, { ...right, accountId: 'acct_2' })).toBe(false)
  expect(await challenges.take(token, { ...right, accountId: null })).toBe(false)
  expect(await challenges.take(token, { ...right, data: 'sess_2' })).toBe(false)
  expect(await challenges.take(token, right)).toBe(true)
})

test('is over in its time, and its row is deleted by those that come later', async () => {
  const token = await ticket()
  clock.advance({ minutes: 10 })
  expect(await challenges.find(token, 'ticket')).toBeUndefined()
  await challenges.issue({ purpose: 'passkey sign-in', accountId: null })
  expect(await storage.db.selectFrom('challenge').select('purpose').execute()).toEqual([{ purpose: 'passkey sign-in' }])
})

test('ends when the password is another, and when the account is closed', async () => {
  const password = { account_id: accountId, hash: '$argon2id$', changed_at_ms: BigInt(clock.nowMs()) }
  await storage.db.insertInto('password').values(password).execute()
  const [one, two] = [await ticket(), await ticket()]
  expect(await challenges.find(one, 'ticket')).toMatchObject({ accountId })
  await storage.db.updateTable('account').set({ status: 'closed' }).execute()
  expect(await challenges.take(two, bound)).toBe(false)
  await storage.db.updateTable('account').set({ status: 'active' }).execute()
  clock.advance({ seconds: 1 })
  await storage.db
    .updateTable('password')
    .set({ changed_at_ms: BigInt(clock.nowMs()) })
    .execute()
  expect(await challenges.take(one, bound)).toBe(false)
})
