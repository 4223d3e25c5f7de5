import type { Db } from '../storage/tables.js'

export interface StoredStatus {
  readonly instanceId: string
  readonly host: string
  readonly pid: number
  readonly writtenAtMs: number
  readonly body: string
}

export async function writeStatus(
  db: Db,
  row: Pick<StoredStatus, 'instanceId' | 'writtenAtMs' | 'body'>
): Promise<void> {
  const written_at_ms = BigInt(row.writtenAtMs)
  await db.transaction().execute((tx) =>
    tx
      .insertInto('server_status')
      .values({ instance_id: row.instanceId, written_at_ms, body: row.body })
      .onConflict((oc) => oc.column('instance_id').doUpdateSet({ written_at_ms, body: row.body }))
      .execute()
  )
}

export async function deleteStatus(db: Db, instanceId: string): Promise<void> {
  await db.transaction().execute((tx) => tx.deleteFrom('server_status').where('instance_id', '=', instanceId).execute())
}

/** Takes the rows of those that went without a word. */
export async function deleteDead(db: Db, nowMs: number): Promise<void> {
  await db.transaction().execute((tx) =>
    tx
      .deleteFrom('server_status')
      .where('instance_id', 'in', (eb) =>
        eb
          .selectFrom('instance')
          .select('id')
          .where((or) => or.or([or('ended_at_ms', 'is not', null), or('lease_until_ms', '<=', BigInt(nowMs))]))
      )
      .execute()
  )
}

/** Of every process that serves and lives, the oldest first. */
export async function readLiving(db: Db, nowMs: number): Promise<StoredStatus[]> {
  const rows = await db
    .selectFrom('server_status')
    .innerJoin('instance', 'instance.id', 'server_status.instance_id')
    .select(['instance_id', 'host', 'pid', 'written_at_ms', 'body'])
    .where('ended_at_ms', 'is', null)
    .where('lease_until_ms', '>', BigInt(nowMs))
    .orderBy('started_at_ms')
    .orderBy('instance_id')
    .execute()
  return rows.map(({ instance_id, host, pid, written_at_ms, body }) => ({
    instanceId: instance_id,
    host,
    pid: Number(pid),
    writtenAtMs: Number(written_at_ms),
    body
  }))
}
