import type { Db, NewRow, Tx } from '../storage/tables.js'

/** Which of these files an account has. */
export async function readKnownFiles(db: Db, accountId: string, hashes: readonly string[]): Promise<Set<string>> {
  if (hashes.length === 0) return new Set()
  const rows = await db
    .selectFrom('chat_file')
    .select('sha256')
    .where('account_id', '=', accountId)
    .where('sha256', 'in', hashes)
    .execute()
  return new Set(rows.map(({ sha256 }) => sha256))
}

export async function insertFile(tx: Tx, row: NewRow<'chat_file'>): Promise<void> {
  await tx
    .insertInto('chat_file')
    .values(row)
    .onConflict((conflict) => conflict.columns(['account_id', 'sha256']).doNothing())
    .execute()
}

export async function insertFileUse(tx: Tx, row: NewRow<'chat_file_use'>): Promise<void> {
  await tx
    .insertInto('chat_file_use')
    .values(row)
    .onConflict((conflict) => conflict.columns(['chat_id', 'sha256']).doNothing())
    .execute()
}

/** A file that a conversation of the account has. */
export function readFile(db: Db, ask: { accountId: string; chatId: string; sha256: string }) {
  return db
    .selectFrom('chat_file_use')
    .innerJoin('chat', 'chat.id', 'chat_file_use.chat_id')
    .innerJoin('chat_file', (join) =>
      join.onRef('chat_file.sha256', '=', 'chat_file_use.sha256').onRef('chat_file.account_id', '=', 'chat.account_id')
    )
    .select(['chat_file.body', 'chat_file_use.media_type'])
    .where('chat.id', '=', ask.chatId)
    .where('chat.account_id', '=', ask.accountId)
    .where('chat.deleted_at_ms', 'is', null)
    .where('chat_file.sha256', '=', ask.sha256)
    .executeTakeFirst()
}

/** The files that an account's conversations have yet, the newest conversation's first. */
export function readFilesOf(db: Db, accountId: string) {
  return db
    .selectFrom('chat_file_use')
    .innerJoin('chat', 'chat.id', 'chat_file_use.chat_id')
    .innerJoin('chat_file', (join) =>
      join.onRef('chat_file.sha256', '=', 'chat_file_use.sha256').onRef('chat_file.account_id', '=', 'chat.account_id')
    )
    .select(['chat_file_use.chat_id', 'chat_file_use.sha256', 'chat_file_use.media_type', 'chat_file.bytes'])
    .where('chat.account_id', '=', accountId)
    .where('chat.deleted_at_ms', 'is', null)
    .orderBy('chat.updated_at_ms', 'desc')
    .orderBy('chat.id', 'desc')
    .orderBy('chat_file_use.sha256')
    .execute()
}
