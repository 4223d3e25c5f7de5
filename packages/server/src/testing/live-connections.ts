import Database from 'better-sqlite3'

/**
 * The connections to the database that are opened while `work` runs: there are faults, such as a full
 * disk, that can only be played on the very connection that writes.
 */
export async function catchConnections<T>(work: () => Promise<T>): Promise<[T, Database.Database[]]> {
  const caught = new Set<Database.Database>()
  const { pragma } = Database.prototype
  Database.prototype.pragma = function noted(this: Database.Database, ...args: Parameters<typeof pragma>) {
    caught.add(this)
    return pragma.apply(this, args)
  }
  try {
    const value = await work()
    return [value, [...caught]]
  } finally {
    Database.prototype.pragma = pragma
  }
}

/** Fills the database up to a last byte that it may not grow beyond; the returned function gives it room again. */
export function fillDisk(database: Database.Database): () => void {
  database.exec('create table filler (bytes blob)')
  const pages = database.pragma('page_count', { simple: true })
  database.pragma(`max_page_count = ${pages}`)
  const fill = database.prepare('insert into filler values (randomblob(?))')
  for (const size of [4000, 1000, 100, 10]) {
    try {
      for (;;) fill.run(size)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'SQLITE_FULL')) throw error
    }
  }
  return () => {
    database.pragma('max_page_count = 4294967294')
    database.exec('drop table filler')
  }
}
