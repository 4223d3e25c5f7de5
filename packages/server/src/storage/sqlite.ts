import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver
} from 'kysely'
import { type Direct, DirectAdapter } from './direct.js'
import { migrateToLatest } from './migrate.js'
import type { Db, Tables } from './tables.js'

/** How long we wait for another connection's transaction before giving up. */
const BUSY_WAIT_MS_MAX = 10_000
const STATEMENTS_CACHED_MAX = 400

export interface Storage {
  readonly db: Db
  /** Changes when another process commits: what was cached before may be stale. About 3 µs. */
  foreignVersion(): number
  /** One consistent state of the database for a long read, on a connection of its own: nobody waits for it. */
  snapshot<T>(read: (db: Db) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/**
 * Opens (and creates, migrates) the SQLite database at `path`, `:memory:` for tests. One connection a
 * process; WAL and `synchronous=FULL`, so that what was committed survives `kill -9` and power loss.
 */
export async function openSqlite(path: string): Promise<Storage> {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const database = new Database(path)
  if (path !== ':memory:') chmodSync(path, 0o600)
  database.defaultSafeIntegers(true)
  // Waiting is ours (see whileBusy): SQLite's own wait would freeze every stream of this process.
  database.pragma('busy_timeout = 0')
  await whileBusy(() => database.pragma('journal_mode = WAL'))
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  // Checkpoints cost an fsync of the whole file: rare ones, 80 MB of log at most.
  database.pragma('wal_autocheckpoint = 20000')
  const cached = withStatementCache(database)
  const db = new Kysely<Tables>({ dialect: new ImmediateSqliteDialect({ database: cached }, directOn(cached)) })
  await whileBusy(() => migrateToLatest(db))
  const dataVersion = database.prepare('PRAGMA data_version').safeIntegers(false).pluck()
  return {
    db,
    foreignVersion: () => dataVersion.get() as number,
    snapshot: (read) => (path === ':memory:' ? db.transaction().execute(read) : readSnapshot(path, read)),
    close: () => db.destroy()
  }
}

async function readSnapshot<T>(path: string, read: (db: Db) => Promise<T>): Promise<T> {
  const database = new Database(path, { readonly: true })
  database.defaultSafeIntegers(true)
  database.pragma('busy_timeout = 0')
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: withStatementCache(database) }) })
  try {
    // Deferred: the state is that of the first read, and no lock is taken that a writer would wait for.
    return await db.transaction().execute(read)
  } finally {
    await db.destroy()
  }
}

class ImmediateSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig
  readonly #direct: Direct

  constructor(config: SqliteDialectConfig, direct: Direct) {
    super(config)
    this.#config = config
    this.#direct = direct
  }

  override createDriver() {
    return new ImmediateSqliteDriver(this.#config)
  }

  override createAdapter() {
    return new DirectAdapter(this.#direct)
  }
}

/** Takes the write lock at BEGIN: a transaction that reads first and writes later cannot fail half-way with SQLITE_BUSY. */
class ImmediateSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await whileBusy(() => connection.executeQuery(CompiledQuery.raw('begin immediate')))
  }

  /** A full or broken disk has SQLite roll back by itself: to do it again is no error, and must not hide that one. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await super.rollbackTransaction(connection).catch((error) => {
      if (!(error instanceof Error && error.message.includes('no transaction is active'))) throw error
    })
  }
}

/** Runs `attempt` again, without blocking the process, while another connection holds the lock. */
async function whileBusy<T>(attempt: () => T | Promise<T>): Promise<T> {
  const deadlineMs = performance.now() + BUSY_WAIT_MS_MAX
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadlineMs) throw error
      await (tries < 20 ? new Promise(setImmediate) : new Promise((resolve) => setTimeout(resolve, 1)))
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
}

/** Statements by their text. */
interface Prepared {
  prepare(text: string): Database.Statement
  close(): void
}

function directOn({ prepare }: Prepared): Direct {
  const foreign = prepare('PRAGMA data_version').pluck()
  // Rows that this connection has changed since it was opened, whoever asked it to.
  const own = prepare('SELECT total_changes()').pluck()
  return {
    async query<R>(text: string, parameters: readonly unknown[]) {
      const statement = prepare(text)
      if (statement.reader) return { rows: statement.all(parameters) as R[], changed: 0 }
      return { rows: [], changed: Number(statement.run(parameters).changes) }
    },
    writeVersion: () => `${foreign.get()} ${own.get()}`
  }
}

/** Kysely prepares every query anew; a bounded cache of statements makes that five times cheaper. */
function withStatementCache(database: Database.Database): Prepared & NonNullable<SqliteDialectConfig['database']> {
  const cached = new Map<string, Database.Statement>()
  return {
    close: () => void database.close(),
    prepare(sql: string) {
      let statement = cached.get(sql)
      if (statement) return statement as never
      statement = database.prepare(sql)
      if (cached.size >= STATEMENTS_CACHED_MAX) cached.delete(cached.keys().next().value ?? '')
      cached.set(sql, statement)
      return statement as never
    }
  }
}
