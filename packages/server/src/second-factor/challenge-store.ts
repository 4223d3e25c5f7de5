import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

export type ChallengeRow = Row<'challenge'>

export async function insertChallenge(tx: Tx, row: NewRow<'challenge'>): Promise<void> {
  await tx.insertInto('challenge').values(row).execute()
}

/** Of an account that is not closed, and whose password is still the one that it was asked for with. */
export function readLiveChallenge(
  db: Db,
  { hash, purpose, nowMs }: { hash: string; purpose: string; nowMs: number }
): Promise<ChallengeRow | undefined> {
  return db
    .selectFrom('challenge')
    .leftJoin('account', 'account.id', 'challenge.account_id')
    .leftJoin('password', 'password.account_id', 'challenge.account_id')
    .selectAll('challenge')
    .where('challenge.hash', '=', hash)
    .where('purpose', '=', purpose)
    .where('used_at_ms', 'is', null)
    .where('expires_at_ms', '>', BigInt(nowMs))
    .where((eb) => eb.or([eb('account.id', 'is', null), eb('account.status', '!=', 'closed')]))
    .where((eb) =>
      eb.or([
        eb('password.changed_at_ms', 'is', null),
        eb('password.changed_at_ms', '<=', eb.ref('challenge.created_at_ms'))
      ])
    )
    .executeTakeFirst()
}

/** False where another request was first. */
export async function useChallenge(tx: Tx, hash: string, atMs: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('challenge')
    .set({ used_at_ms: BigInt(atMs) })
    .where('hash', '=', hash)
    .where('used_at_ms', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

export async function deleteExpired(tx: Tx, nowMs: number): Promise<void> {
  await tx.deleteFrom('challenge').where('expires_at_ms', '<=', BigInt(nowMs)).execute()
}
