import type { Db, Tx } from '../storage/tables.js'

/** False where the account has no such conversation, or has it no more. */
export async function markDeleted(tx: Tx, ask: { accountId: string; id: string; nowMs: number }): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('chat')
    .set({ deleted_at_ms: BigInt(ask.nowMs) })
    .where('id', '=', ask.id)
    .where('account_id', '=', ask.accountId)
    .where('deleted_at_ms', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

export async function markAllDeleted(tx: Tx, accountId: string, nowMs: number): Promise<void> {
  await tx
    .updateTable('chat')
    .set({ deleted_at_ms: BigInt(nowMs) })
    .where('account_id', '=', accountId)
    .where('deleted_at_ms', 'is', null)
    .execute()
}

export function readDeleted(db: Db, limit: number): Promise<{ id: string; account_id: string }[]> {
  return db
    .selectFrom('chat')
    .select(['id', 'account_id'])
    .where('deleted_at_ms', 'is not', null)
    .orderBy('deleted_at_ms')
    .limit(limit)
    .execute()
}

/** Deletes the rows of a conversation, and the files that no other of the account has. */
export async function purgeChat(tx: Tx, { id, accountId }: { id: string; accountId: string }): Promise<void> {
  await tx.deleteFrom('chat_message').where('chat_id', '=', id).execute()
  const used = await tx.selectFrom('chat_file_use').select('sha256').where('chat_id', '=', id).execute()
  await tx.deleteFrom('chat_file_use').where('chat_id', '=', id).execute()
  for (const { sha256 } of used) {
    await tx
      .deleteFrom('chat_file')
      .where('account_id', '=', accountId)
      .where('sha256', '=', sha256)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('chat_file_use')
              .innerJoin('chat', 'chat.id', 'chat_file_use.chat_id')
              .select('chat.id')
              .where('chat.account_id', '=', accountId)
              .where('chat_file_use.sha256', '=', sha256)
          )
        )
      )
      .execute()
  }
  await tx.deleteFrom('chat').where('id', '=', id).execute()
}
