import Database from 'better-sqlite3'

/** As large as a hold with its context, which is about what an operation writes. */
const PAYLOAD = 'x'.repeat(400)
const ACCOUNTS = 1_000

/**
 * What the database alone takes to write as many operations durably: a row is inserted and a row is
 * updated for each, by prepared statements, in transactions of a given size.
 */
export function openBare(path) {
  const database = new Database(path)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('wal_autocheckpoint = 20000')
  database.exec('create table account (id integer primary key, amount integer not null)')
  database.exec('create table op (id text primary key not null, account integer not null, payload text not null)')
  const fill = database.prepare('insert into account (id, amount) values (?, 0)')
  for (let id = 0; id < ACCOUNTS; id++) fill.run(id)
  const insert = database.prepare('insert into op (id, account, payload) values (?, ?, ?)')
  const update = database.prepare('update account set amount = amount + 1 where id = ?')
  let count = 0

  const batch = database.transaction((ops, accounts) => {
    for (let i = 0; i < ops; i++) {
      const id = `req_${String(count++).padStart(32, '0')}`
      insert.run(id, count % accounts, PAYLOAD)
      update.run(count % accounts)
    }
  })

  return {
    /** Runs for `forMs`; how many operations were written. */
    run({ batchOps, accounts, forMs }) {
      const endsAt = performance.now() + forMs
      const before = count
      while (performance.now() < endsAt) batch.immediate(batchOps, accounts)
      return count - before
    },
    close: () => database.close()
  }
}
