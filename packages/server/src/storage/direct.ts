import { SqliteAdapter } from 'kysely'
import type { Tx } from './tables.js'

/**
 * A transaction's connection below Kysely, for the few statements that every request runs: Kysely's
 * executor takes longer for one of them than the database does. The interface waits, so that a database
 * on a network can stand behind it.
 */
export interface Direct {
  query<R>(text: string, parameters: readonly unknown[]): Promise<DirectResult<R>>
  /**
   * Another text whenever anything was written since by another connection, or by this one in whatever
   * way, also by a transaction that was rolled back. As it is inside a transaction it stays until that
   * writes. About 4 µs.
   */
  writeVersion(): string
}

export interface DirectResult<R> {
  readonly rows: R[]
  /** Of a statement that writes: how many rows. */
  readonly changed: number
}

/** The adapter is what a database and all its transactions have in common, and so what leads to its connection. */
export class DirectAdapter extends SqliteAdapter {
  readonly direct: Direct

  constructor(direct: Direct) {
    super()
    this.direct = direct
  }

  /** Lets the migrator keep DDL inside the transaction, where SQLite can roll it back. */
  override get supportsTransactionalDdl() {
    return true
  }
}

/** The connection of a transaction under way: only inside one does it belong to the caller alone. */
export function directOf(tx: Tx): Direct {
  const { adapter } = tx.getExecutor()
  if (!(adapter instanceof DirectAdapter)) throw new Error('this database has no direct connection')
  return adapter.direct
}
