import type { Db } from '../storage/tables.js'

/** Micro-credits that each account was given for confirmed payments, over its life. Accounts that never paid are left out. */
export async function readLifetimeTopups(db: Db): Promise<Map<string, bigint>> {
  const rows = await db
    .selectFrom('grant')
    .select(({ fn }) => ['account_id', fn.sum<bigint>('amount').as('total')])
    .where('kind', '=', 'topup')
    .groupBy('account_id')
    .execute()
  return new Map(rows.map(({ account_id, total }) => [account_id, BigInt(total)]))
}
