import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { afterEach, expect, test } from 'vitest'
import { directOf } from './direct.js'
import { openSqlite } from './sqlite.js'
import type { Db } from './tables.js'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function temporaryFile() {
  const folder = mkdtempSync(join(tmpdir(), 'caicaini-sqlite-'))
  folders.push(folder)
  return join(folder, 'data.sqlite')
}

const account = {
  id: 'acct_1',
  username: 'ada',
  role: 'user',
  plan: 'free',
  tier: 'free',
  status: 'active',
  created_at_ms: 1n
}

test('integers past 2^53 come back exactly', async () => {
  const { db, close } = await openSqlite(':memory:')
  await db
    .insertInto('account')
    .values({ ...account, created_at_ms: 9_007_199_254_740_993n })
    .execute()
  const row = await db.selectFrom('account').select('created_at_ms').executeTakeFirstOrThrow()
  expect(row.created_at_ms).toBe(9_007_199_254_740_993n)
  await close()
})

test('a grant cannot go out of bounds, whatever the code above does', async () => {
  const { db, close } = await openSqlite(':memory:')
  await db.insertInto('account').values(account).execute()
  const grant = {
    id: 'grant_1',
    account_id: 'acct_1',
    kind: 'topup',
    amount: 10n,
    remaining: 10n,
    held: 0n,
    starts_at_ms: 0n,
    reference: 'r',
    detail: '{}',
    created_at_ms: 0n
  }
  await db.insertInto('grant').values(grant).execute()
  await expect(db.updateTable('grant').set({ remaining: -1n }).execute()).rejects.toThrow(/grant_in_bounds/)
  await expect(db.updateTable('grant').set({ held: 11n }).execute()).rejects.toThrow(/grant_in_bounds/)
  await close()
})

test('entries can be neither changed nor deleted', async () => {
  const { db, close } = await openSqlite(':memory:')
  await db.insertInto('account').values(account).execute()
  const entry = {
    account_id: 'acct_1',
    account_seq: 1n,
    kind: 'grant',
    reference: 'r',
    amount: 1n,
    detail_hash: 'd',
    prev_hash: 'p',
    hash: 'h',
    created_at_ms: 0n
  }
  await db.insertInto('entry').values(entry).execute()
  await expect(db.updateTable('entry').set({ amount: 2n }).execute()).rejects.toThrow(/append-only/)
  await expect(db.deleteFrom('entry').execute()).rejects.toThrow(/append-only/)
  await close()
})

test('two connections that read first and write later neither fail nor lose an update', async () => {
  const path = temporaryFile()
  const [one, two] = await Promise.all([openSqlite(path), openSqlite(path)])
  await one.db.insertInto('account').values(account).execute()
  async function increment({ db }: typeof one) {
    for (let i = 0; i < 100; i++) {
      await db.transaction().execute(async (tx) => {
        const row = await tx.selectFrom('account').select('created_at_ms').executeTakeFirstOrThrow()
        await new Promise(setImmediate)
        await tx
          .updateTable('account')
          .set({ created_at_ms: row.created_at_ms + 1n })
          .execute()
      })
    }
  }
  await Promise.all([increment(one), increment(two)])
  const row = await one.db.selectFrom('account').select('created_at_ms').executeTakeFirstOrThrow()
  expect(row.created_at_ms).toBe(201n)
  await Promise.all([one.close(), two.close()])
})

test("another connection's commit is seen in the version, one's own is not", async () => {
  const path = temporaryFile()
  const [one, two] = [await openSqlite(path), await openSqlite(path)]
  const before = one.foreignVersion()
  await one.db.insertInto('account').values(account).execute()
  expect(one.foreignVersion()).toBe(before)
  await two.db.updateTable('account').set({ plan: 'pro' }).execute()
  expect(one.foreignVersion()).not.toBe(before)
  await Promise.all([one.close(), two.close()])
})

test('whoever writes, in whatever way, changes the write version; reading does not, nor does the commit itself', async () => {
  const path = temporaryFile()
  const [one, two] = [await openSqlite(path), await openSqlite(path)]
  const version = () => one.db.transaction().execute(async (tx) => directOf(tx).writeVersion())
  const rename = (db: Db, username: string) => db.updateTable('account').set({ username }).execute()
  const seen = [await version()]
  async function isAnother() {
    const now = await version()
    expect(seen).not.toContain(now)
    seen.push(now)
  }

  await one.db.insertInto('account').values(account).execute()
  await isAnother()
  await rename(two.db, 'eve')
  await isAnother()
  const failed = one.db.transaction().execute(async (tx) => {
    await rename(tx, 'mallory')
    throw new Error('rolled back')
  })
  await expect(failed).rejects.toThrow('rolled back')
  await isAnother()
  await one.db.transaction().execute(async (tx) => {
    await rename(tx, 'grace')
    seen.push(directOf(tx).writeVersion())
  })
  await one.db.selectFrom('account').selectAll().execute()
  await two.db.selectFrom('account').selectAll().execute()
  await one.snapshot((db) => db.selectFrom('account').selectAll().execute())
  expect(await version()).toBe(seen.at(-1))
  await Promise.all([one.close(), two.close()])
})

test('many starts at once on a new file migrate it once', async () => {
  const path = temporaryFile()
  const stores = await Promise.all(Array.from({ length: 8 }, () => openSqlite(path)))
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(
    stores[0]?.db as never
  )
  const files = readdirSync(join(import.meta.dirname, 'migrations')).map((file) => file.replace('.ts', ''))
  expect(rows.map(({ name }) => name)).toEqual(files.sort())
  await Promise.all(stores.map((store) => store.close()))
})

test('the file is readable by its owner alone', async () => {
  const path = temporaryFile()
  const { close } = await openSqlite(path)
  const { stdout } = await promisify(execFile)('ls', ['-l', path])
  expect(stdout).toMatch(/^-rw-------/)
  await close()
})

test('what is committed is on disk: a log that is written through, and references that are checked', async () => {
  const { db, close } = await openSqlite(temporaryFile())
  const pragma = async (name: string) =>
    Object.values((await sql`pragma ${sql.raw(name)}`.execute(db)).rows[0] ?? {})[0]
  expect(await pragma('journal_mode')).toBe('wal')
  // 2 = FULL: the log is synced at each commit.
  expect(await pragma('synchronous')).toBe(2n)
  expect(await pragma('foreign_keys')).toBe(1n)
  await close()
})
