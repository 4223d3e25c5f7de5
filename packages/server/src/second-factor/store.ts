import type { Db } from '../storage/tables.js'

/** Whether an account is asked for more than its password: it has an authenticator app or a passkey. */
export async function hasSecondFactor(db: Db, accountId: string): Promise<boolean> {
  const totp = await db
    .selectFrom('totp')
    .select('account_id')
    .where('account_id', '=', accountId)
    .where('confirmed_at_ms', 'is not', null)
    .executeTakeFirst()
  if (totp) return true
  const passkey = await db.selectFrom('passkey').select('id').where('account_id', '=', accountId).executeTakeFirst()
  return passkey !== undefined
}
