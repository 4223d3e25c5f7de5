import type { Db } from '../storage/tables.js'

/** Notes that a challenge was answered; false where it was before. */
export function spend(db: Db, nonce: string, expiresAtMs: number): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('captcha_spent')
      .values({ nonce, expires_at_ms: BigInt(expiresAtMs) })
      .onConflict((oc) => oc.column('nonce').doNothing())
      .executeTakeFirstOrThrow()
    return numInsertedOrUpdatedRows === 1n
  })
}

export function deleteExpired(db: Db, nowMs: number): Promise<void> {
  return db.transaction().execute(async (tx) => {
    await tx.deleteFrom('captcha_spent').where('expires_at_ms', '<=', BigInt(nowMs)).execute()
  })
}
