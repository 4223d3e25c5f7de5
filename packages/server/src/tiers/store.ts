import type { Db } from '../storage/tables.js'

export function readTiers(db: Db, accountIds: readonly string[]): Promise<{ id: string; tier: string }[]> {
  return db
    .selectFrom('account')
    .select(['id', 'tier'])
    .where('id', 'in', accountIds)
    .where('role', '!=', 'owner')
    .where('status', '!=', 'closed')
    .execute()
}

/** Raises the tier of an account that still has the one it was read with: an operator's word in between stands. */
export async function raiseTier(db: Db, { id, from, to }: { id: string; from: string; to: string }): Promise<void> {
  await db
    .transaction()
    .execute((tx) =>
      tx.updateTable('account').set({ tier: to }).where('id', '=', id).where('tier', '=', from).execute()
    )
}
