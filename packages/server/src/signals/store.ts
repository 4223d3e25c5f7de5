import { sql } from 'kysely'
import type { Db, NewRow, Row, Tx } from '../storage/tables.js'
import type { Resembling } from './duplicates.js'

const RESEMBLING_MAX = 200

/** Raises it once a day for an account and a kind; false where it was raised already. */
export async function insertFlag(tx: Tx, row: NewRow<'flag'>): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('flag')
    .values(row)
    .onConflict((oc) => oc.doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows === 1n
}

export type FlagRow = Row<'flag'> & { username: string; decided_by_username: string | null }

/** The newest first. */
export function readFlags(db: Db, { state, limit }: { state?: string | undefined; limit: number }): Promise<FlagRow[]> {
  let query = db
    .selectFrom('flag')
    .innerJoin('account', 'account.id', 'flag.account_id')
    .leftJoin('account as decider', 'decider.id', 'flag.decided_by')
    .selectAll('flag')
    .select(['account.username as username', 'decider.username as decided_by_username'])
  if (state !== undefined) query = query.where('flag.state', '=', state)
  return query.orderBy('flag.id', 'desc').limit(limit).execute()
}

/** The account whose flag was open until now; undefined where there is none such. */
export async function decideFlag(
  tx: Tx,
  id: string,
  set: Pick<Row<'flag'>, 'state' | 'decided_at_ms' | 'decided_by'>
): Promise<{ account_id: string; kind: string } | undefined> {
  return tx
    .updateTable('flag')
    .set(set)
    .where('id', '=', id)
    .where('state', '=', 'open')
    .returning(['account_id', 'kind'])
    .executeTakeFirst()
}

/** Accounts that a newcomer may have already: of the same address, or of a mailbox that begins alike. */
export async function readResembling(
  tx: Tx,
  { addressHash, mailboxStart, domain }: { addressHash: string | null; mailboxStart: string | null; domain: string }
): Promise<Resembling[]> {
  const query = tx
    .selectFrom('profile')
    .innerJoin('account', 'account.id', 'profile.account_id')
    .select(['account.id as id', 'username', 'email_key as email'])
    .select(['signup_address_hash as addressHash', 'fingerprint_hash as fingerprintHash'])
    .orderBy('profile.created_at_ms', 'desc')
    .limit(RESEMBLING_MAX)
  const near = addressHash === null ? [] : await query.where('signup_address_hash', '=', addressHash).execute()
  if (mailboxStart === null) return near
  const alike = await query
    .where(sql<string>`substr(email_key, 1, ${mailboxStart.length})`, '=', mailboxStart)
    .where(sql<string>`substr(email_key, -${domain.length + 1})`, '=', `@${domain}`)
    .execute()
  return [...new Map([...near, ...alike].map((each) => [each.id, each])).values()]
}

export async function insertWithheld(tx: Tx, row: NewRow<'withheld'>): Promise<void> {
  await tx.insertInto('withheld').values(row).execute()
}

export function readWithheld(db: Db, accountId: string): Promise<Row<'withheld'> | undefined> {
  return db
    .selectFrom('withheld')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('released_at_ms', 'is', null)
    .executeTakeFirst()
}

export async function releaseWithheld(tx: Tx, accountId: string, atMs: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('withheld')
    .set({ released_at_ms: BigInt(atMs) })
    .where('account_id', '=', accountId)
    .where('released_at_ms', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

/** Names of an account's keys that live. */
export async function readKeyNames(tx: Tx, accountId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('api_key')
    .select('name')
    .where('account_id', '=', accountId)
    .where('parent_id', 'is', null)
    .where('revoked_at_ms', 'is', null)
    .limit(1_000)
    .execute()
  return rows.map(({ name }) => name)
}

/** Accounts with so many answers that the provider's own safety ended: how they ended is all that is looked at. */
export function readRefused(db: Db, { sinceMs, least }: { sinceMs: number; least: number }) {
  return db
    .selectFrom('receipt')
    .select(['account_id', ({ fn }) => fn.countAll<bigint>().as('answers')])
    .where('settled_at_ms', '>=', BigInt(sinceMs))
    .where('stop_reason', 'in', ['refusal', 'content_filter'])
    .groupBy('account_id')
    .having(({ fn }) => fn.countAll(), '>=', BigInt(least))
    .execute()
}
