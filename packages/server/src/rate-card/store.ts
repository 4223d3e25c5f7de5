import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

export function readRates(db: Db | Tx): Promise<Row<'rate_card'>[]> {
  return db.selectFrom('rate_card').selectAll().orderBy('model').orderBy('version').execute()
}

export async function insertRate(tx: Tx, row: NewRow<'rate_card'>): Promise<void> {
  await tx.insertInto('rate_card').values(row).execute()
}
