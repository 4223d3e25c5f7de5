import type { Db, NewRow, Row } from '../storage/tables.js'

export async function insertInstance(db: Db, row: NewRow<'instance'>): Promise<void> {
  await db.transaction().execute((tx) => tx.insertInto('instance').values(row).execute())
}

/** Renews the lease; raises the epoch when it had run out. The epoch that now holds. */
export async function renewLease(db: Db, at: { id: string; nowMs: number; leaseUntilMs: number }): Promise<bigint> {
  const { id, nowMs, leaseUntilMs } = at
  return db.transaction().execute(async (tx) => {
    const row = await tx
      .updateTable('instance')
      .set((eb) => ({
        lease_until_ms: BigInt(leaseUntilMs),
        epoch: eb
          .case()
          .when('lease_until_ms', '<=', BigInt(nowMs))
          .then(eb('epoch', '+', 1n))
          .else(eb.ref('epoch'))
          .end()
      }))
      .where('id', '=', id)
      .returning('epoch')
      .executeTakeFirstOrThrow()
    return row.epoch
  })
}

/** Every instance not known to have ended, but this one. */
export function readOthers(db: Db, selfId: string): Promise<Row<'instance'>[]> {
  return db.selectFrom('instance').selectAll().where('ended_at_ms', 'is', null).where('id', '!=', selfId).execute()
}

/** Takes the row of an instance that no hold names. */
export async function deleteInstance(db: Db, id: string): Promise<void> {
  await db.transaction().execute((tx) => tx.deleteFrom('instance').where('id', '=', id).execute())
}

/** Marks the instance ended. While something is held in its name it stays among those that a recovery looks at. */
export async function endInstance(db: Db, { id, nowMs }: { id: string; nowMs: number }): Promise<void> {
  await db.transaction().execute((tx) =>
    tx
      .updateTable('instance')
      .set({ ended_at_ms: BigInt(nowMs) })
      .where('id', '=', id)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb.selectFrom('hold').select('request_id').where('instance_id', '=', id).where('state', '=', 'held')
          )
        )
      )
      .execute()
  )
}
