import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

export type ChatRow = Row<'chat'>
export type MessageRow = Row<'chat_message'>

/** Whoever's it is, deleted or not. */
export function readChat(db: Db, id: string): Promise<ChatRow | undefined> {
  return db.selectFrom('chat').selectAll().where('id', '=', id).executeTakeFirst()
}

export function readOwnChat(db: Db, accountId: string, id: string): Promise<ChatRow | undefined> {
  return db
    .selectFrom('chat')
    .selectAll()
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .where('deleted_at_ms', 'is', null)
    .executeTakeFirst()
}

/** False where the id is taken. */
export async function insertChat(tx: Tx, row: NewRow<'chat'>): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('chat')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows === 1n
}

export async function updateChat(
  tx: Tx,
  id: string,
  changes: Partial<Pick<ChatRow, 'system' | 'model' | 'updated_at_ms'>>
): Promise<void> {
  await tx.updateTable('chat').set(changes).where('id', '=', id).execute()
}

export async function renameChat(db: Tx, accountId: string, { id, title }: { id: string; title: string }) {
  const { numUpdatedRows } = await db
    .updateTable('chat')
    .set({ title })
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .where('deleted_at_ms', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

export interface Position {
  readonly updatedAtMs: bigint
  readonly id: string
}

/** An account's conversations after `before`, the one that was used last first. */
export function readChats(
  db: Db,
  ask: { accountId: string; before: Position | null; idPrefix: string | undefined; limit: number }
) {
  const { accountId, before, idPrefix, limit } = ask
  let query = db.selectFrom('chat').selectAll().where('account_id', '=', accountId).where('deleted_at_ms', 'is', null)
  if (before !== null) {
    const { updatedAtMs, id } = before
    query = query.where((eb) =>
      eb.or([eb('updated_at_ms', '<', updatedAtMs), eb.and([eb('updated_at_ms', '=', updatedAtMs), eb('id', '<', id)])])
    )
  }
  // Ids are of hex digits and dashes: all of them stand before the tilde.
  if (idPrefix !== undefined) query = query.where('id', '>=', idPrefix).where('id', '<', `${idPrefix}~`)
  return query.orderBy('updated_at_ms', 'desc').orderBy('id', 'desc').limit(limit).execute()
}

/** Which of these messages a conversation has. */
export function readRoles(db: Db, chatId: string, ids: readonly string[]): Promise<Pick<MessageRow, 'id' | 'role'>[]> {
  return db
    .selectFrom('chat_message')
    .select(['id', 'role'])
    .where('chat_id', '=', chatId)
    .where('id', 'in', ids)
    .execute()
}

export function readMessage(db: Db, chatId: string, id: string): Promise<MessageRow | undefined> {
  return db.selectFrom('chat_message').selectAll().where('chat_id', '=', chatId).where('id', '=', id).executeTakeFirst()
}

/** How large the next messages are, in the order of storage. */
export function readSizes(db: Db, chatId: string, { afterSeq, limit }: { afterSeq: bigint; limit: number }) {
  return db
    .selectFrom('chat_message')
    .select(['seq', 'bytes'])
    .where('chat_id', '=', chatId)
    .where('seq', '>', afterSeq)
    .orderBy('seq')
    .limit(limit)
    .execute()
}

/** Both ends: `afterSeq` is left out, `toSeq` is not. */
export function readMessages(db: Db, chatId: string, { afterSeq, toSeq }: { afterSeq: bigint; toSeq: bigint }) {
  return db
    .selectFrom('chat_message')
    .selectAll()
    .where('chat_id', '=', chatId)
    .where('seq', '>', afterSeq)
    .where('seq', '<=', toSeq)
    .orderBy('seq')
    .execute()
}

/** Parents by message: the tree, without what was said. */
export function readTree(db: Db, chatId: string): Promise<Pick<MessageRow, 'id' | 'parent' | 'bytes'>[]> {
  return db.selectFrom('chat_message').select(['id', 'parent', 'bytes']).where('chat_id', '=', chatId).execute()
}

/** Adds a message as the conversation's newest; false where it is there already. */
export async function insertMessage(
  tx: Tx,
  row: Omit<NewRow<'chat_message'>, 'seq'> & { bytes: bigint; created_at_ms: bigint }
): Promise<boolean> {
  const { chat_id: chatId, id, bytes, created_at_ms: nowMs } = row
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('chat_message')
    .values((eb) => ({ ...row, seq: eb.selectFrom('chat').select('messages').where('id', '=', chatId) }))
    .onConflict((conflict) => conflict.columns(['chat_id', 'id']).doNothing())
    .executeTakeFirstOrThrow()
  if (numInsertedOrUpdatedRows !== 1n) return false
  await tx
    .updateTable('chat')
    .set((eb) => ({
      leaf: id,
      messages: eb('messages', '+', 1n),
      bytes: eb('bytes', '+', bytes),
      credits: eb('credits', '+', row.credits ?? 0n),
      updated_at_ms: nowMs
    }))
    .where('id', '=', chatId)
    .execute()
  return true
}

/** Bytes that an account keeps in conversations and files. */
export async function readBytes(db: Db, accountId: string): Promise<bigint> {
  const ofChats = await db
    .selectFrom('chat')
    .select((eb) => eb.fn.sum<bigint | null>('bytes').as('bytes'))
    .where('account_id', '=', accountId)
    .where('deleted_at_ms', 'is', null)
    .executeTakeFirstOrThrow()
  const ofFiles = await db
    .selectFrom('chat_file')
    .select((eb) => eb.fn.sum<bigint | null>('bytes').as('bytes'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow()
  return (ofChats.bytes ?? 0n) + (ofFiles.bytes ?? 0n)
}
