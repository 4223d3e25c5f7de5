import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createIds } from '../lib/ids.js'
import { systemRandom as random } from '../lib/random.js'
import { createVault } from '../secrets/vault.js'
import { openSqlite, type Storage } from '../storage/sqlite.js'
import { createFakeClock } from '../testing/fake-clock.js'
import { type BrowserSessions, createBrowserSessions } from './service.js'
import type { Tokens } from './tokens.js'

let storage: Storage
let clock: ReturnType<typeof createFakeClock>
let sessions: BrowserSessions
const reused: string[] = []
const accountId = 'acct_1'

beforeEach(async () => {
  storage = await openSqlite(':memory:')
  clock = createFakeClock()
  reused.length = 0
  const vault = createVault({ keys: [{ id: 'k1', bytes: random.bytes(32) }], random })
  const onReuse = async (_tx: unknown, { id }: { id: string }) => void reused.push(id)
  sessions = createBrowserSessions({ db: storage.db, clock, ids: createIds({ clock, random }), random, vault, onReuse })
  const account = { id: accountId, username: 'ada', role: 'user', plan: 'free', tier: 'free', status: 'active' }
  await storage.db
    .insertInto('account')
    .values({ ...account, created_at_ms: 0n })
    .execute()
})
afterEach(() => storage.close())

const origin = { agent: 'Firefox on Linux', address: '203.0.113.7' }
const begin = () => storage.db.transaction().execute((tx) => sessions.beginIn(tx, { accountId, origin, factors: 1 }))

test('an access token is good for a quarter of an hour, a session for ninety days, thirty unused', async () => {
  const { id, tokens } = await begin()
  expect(await sessions.find(tokens.access)).toMatchObject({ id, account: { username: 'ada' } })
  clock.advance({ minutes: 15 })
  expect(await sessions.find(tokens.access)).toBeUndefined()
  let { refresh } = tokens
  for (let day = 0; day < 75; day += 25) {
    clock.advance({ minutes: 25 * 1_440 })
    refresh = (await sessions.refresh(refresh))?.tokens.refresh ?? ''
    expect(refresh).not.toBe('')
  }
  clock.advance({ minutes: 16 * 1_440 })
  expect(await sessions.refresh(refresh)).toBeUndefined()
  const other = await begin()
  clock.advance({ minutes: 31 * 1_440 })
  expect(await sessions.refresh(other.tokens.refresh)).toBeUndefined()
  expect(reused).toEqual([])
})

test('nothing of a token is stored, and its address lies in an envelope', async () => {
  const { tokens } = await begin()
  const stored = JSON.stringify(await storage.db.selectFrom('session').selectAll().execute(), (_k, v) =>
    typeof v === 'bigint' ? Number(v) : v
  )
  for (const secret of [tokens.access.slice(11), tokens.refresh.slice(12), '203.0.113.7'])
    expect(stored).not.toContain(secret)
  expect(await sessions.list(accountId)).toMatchObject([{ address: '203.0.113.7', agent: 'Firefox on Linux' }])
})

test('sessions end one by one, or all but one', async () => {
  const [one, two, three] = [await begin(), await begin(), await begin()]
  await storage.db.transaction().execute((tx) => sessions.endIn(tx, { accountId, id: one.id }, 'signed out'))
  expect((await sessions.list(accountId)).map(({ id }) => id).sort()).toEqual([two.id, three.id].sort())
  await storage.db.transaction().execute((tx) => sessions.endIn(tx, { accountId, except: three.id }, 'password'))
  expect(await sessions.find(two.tokens.access)).toBeUndefined()
  expect(await sessions.refresh(two.tokens.refresh)).toBeUndefined()
  expect(await sessions.find(three.tokens.access)).toBeDefined()
  expect(reused).toEqual([])
})

test('an owner is stepped up for ten minutes', async () => {
  const { id, tokens } = await begin()
  const look = async () => sessions.isSteppedUp((await sessions.find(tokens.access)) as never)
  expect(await look()).toBe(true)
  clock.advance({ minutes: 11 })
  expect(await look()).toBe(false)
  await storage.db.transaction().execute((tx) => sessions.stepUpIn(tx, id, 2))
  expect(await look()).toBe(true)
  expect(await sessions.find(tokens.access)).toMatchObject({ factors: 2 })
})

/** What may happen to a refresh token: an answer arrives, is lost, two tabs race, time passes, a thief tries an old one. */
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('refresh' as const) }) },
    fc.record({ kind: fc.constant('lost' as const) }),
    fc.record({ kind: fc.constant('race' as const), tabs: fc.integer({ min: 2, max: 4 }) }),
    fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 31, max: 3_600 }) }),
    fc.record({ kind: fc.constant('replay' as const), back: fc.integer({ min: 1, max: 5 }) })
  ),
  { maxLength: 25 }
)

test('however answers are lost and tabs race, an honest owner stays signed in; a stolen token ends the session', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (program) => {
      const { id, tokens } = await begin()
      let current: Tokens = tokens
      /** Those that were rotated away, the newest last, and when. */
      const old: { refresh: string; atMs: number }[] = []
      reused.length = 0
      for (const step of program) {
        if (step.kind === 'wait') clock.advance({ seconds: step.seconds })
        else if (step.kind === 'replay') {
          const stolen = old.at(-step.back)
          if (!stolen) continue
          const isGraced = step.back === 1 && clock.nowMs() - stolen.atMs <= 30_000
          const got = await sessions.refresh(stolen.refresh)
          if (isGraced) {
            expect(got?.tokens).toEqual(current)
            continue
          }
          expect(got).toBeUndefined()
          expect(reused).toEqual([id])
          expect(await sessions.refresh(current.refresh)).toBeUndefined()
          expect(await sessions.find(current.access)).toBeUndefined()
          return
        } else {
          const before = current.refresh
          const at = { refresh: before, atMs: clock.nowMs() }
          // An answer that was lost is asked for again at once, with the same token.
          const times = step.kind === 'race' ? step.tabs : step.kind === 'lost' ? 2 : 1
          const all = await Promise.all(Array.from({ length: times }, () => sessions.refresh(before)))
          for (const each of all) expect(each?.tokens).toEqual(all[0]?.tokens)
          current = all[0]?.tokens as Tokens
          old.push(at)
        }
        expect(await sessions.find(current.access).then((found) => found?.id ?? 'over')).toMatch(/^(sess_|over)/)
      }
      expect(reused).toEqual([])
      expect((await sessions.refresh(current.refresh))?.session.id).toBe(id)
    }),
    { numRuns: 60 }
  )
})
