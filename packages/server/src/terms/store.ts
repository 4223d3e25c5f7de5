import type { Db, Row, Tx } from '../storage/tables.js'
import type { Pending, Subscribers } from './decide.js'
import { type Subject, subjectKey, type Term } from './subject.js'

export async function readTerms(db: Db | Tx): Promise<Term[]> {
  const rows = await db.selectFrom('catalog_terms').selectAll().execute()
  return rows.map(({ subject, position, body }) => {
    const at = subject.indexOf(':')
    const entry = JSON.parse(body)
    return { kind: subject.slice(0, at), name: subject.slice(at + 1), entry, position: Number(position) } as Term
  })
}

export async function writeTerm(tx: Tx, term: Term): Promise<void> {
  const row = { subject: subjectKey(term), position: BigInt(term.position), body: JSON.stringify(term.entry) }
  await tx
    .insertInto('catalog_terms')
    .values(row)
    .onConflict((oc) => oc.column('subject').doUpdateSet({ position: row.position, body: row.body }))
    .execute()
}

/** The subject's entry, in the place that it has; null = it is gone. */
export async function writeEntry(tx: Tx, subject: string, entry: Subject['entry'] | null): Promise<void> {
  if (entry === null) await deleteTerm(tx, subject)
  else {
    const body = JSON.stringify(entry)
    await tx.updateTable('catalog_terms').set({ body }).where('subject', '=', subject).execute()
  }
}

export async function deleteTerm(tx: Tx, subject: string): Promise<void> {
  await tx.deleteFrom('catalog_terms').where('subject', '=', subject).execute()
}

/** How many accounts have which plan and tier; the owner has no plan that could be taken from them. */
export async function readSubscribers(tx: Tx): Promise<Subscribers[]> {
  const rows = await tx
    .selectFrom('account')
    .select(({ fn }) => ['plan', 'tier', fn.countAll<bigint>().as('accounts')])
    .where('role', '!=', 'owner')
    .where('status', '!=', 'closed')
    .groupBy(['plan', 'tier'])
    .execute()
  return rows.map(({ plan, tier, accounts }) => ({ plan, tier, accounts: Number(accounts) }))
}

/** The next of those who can be told of a change: accounts with an address that they have proven. */
export function readReachable(
  tx: Tx,
  after: string,
  limit: number
): Promise<{ id: string; plan: string; tier: string }[]> {
  return tx
    .selectFrom('account')
    .innerJoin('profile', 'profile.account_id', 'account.id')
    .select(['account.id', 'plan', 'tier'])
    .where('role', '!=', 'owner')
    .where('status', '!=', 'closed')
    .where('email_verified_at_ms', 'is not', null)
    .where('account.id', '>', after)
    .orderBy('account.id')
    .limit(limit)
    .execute()
}

export async function readPending(db: Db | Tx): Promise<Pending[]> {
  const rows = await db
    .selectFrom('catalog_change')
    .selectAll()
    .where('state', '=', 'pending')
    .orderBy('effective_at_ms')
    .orderBy('id')
    .execute()
  return rows.map(toPending)
}

function toPending(row: Row<'catalog_change'>): Pending {
  return {
    id: row.id,
    subject: row.subject,
    target: row.target === null ? null : JSON.parse(row.target),
    taken: JSON.parse(row.taken),
    effectiveAtMs: Number(row.effective_at_ms)
  }
}

/** The newest first. */
export function readChanges(db: Db): Promise<Row<'catalog_change'>[]> {
  return db.selectFrom('catalog_change').selectAll().orderBy('id', 'desc').limit(200).execute()
}

/** Changes that one reading of the file made, whose accounts are not all told yet: the oldest such. */
export async function readUntold(tx: Tx): Promise<(Pending & { readonly toldTo: string })[]> {
  const rows = await tx
    .selectFrom('catalog_change')
    .selectAll()
    .where('state', '=', 'pending')
    .where('told_at_ms', 'is', null)
    .orderBy('noticed_at_ms')
    .orderBy('id')
    .execute()
  return rows
    .filter(({ noticed_at_ms }) => noticed_at_ms === rows[0]?.noticed_at_ms)
    .map((row) => ({ ...toPending(row), toldTo: row.told_to }))
}

/** Notes up to which account they are told, and when all were. */
export async function writeTold(
  tx: Tx,
  ids: readonly string[],
  { toldTo, toldAtMs }: { toldTo: string; toldAtMs: number | null }
): Promise<void> {
  await tx
    .updateTable('catalog_change')
    .set({ told_to: toldTo, told_at_ms: toldAtMs === null ? null : BigInt(toldAtMs) })
    .where('id', 'in', ids)
    .execute()
}

export function readChange(db: Db | Tx, id: string): Promise<Row<'catalog_change'> | undefined> {
  return db.selectFrom('catalog_change').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function insertChange(
  tx: Tx,
  change: Pending & { readonly accounts: number; readonly noticedAtMs: number }
): Promise<void> {
  await tx
    .insertInto('catalog_change')
    .values({
      id: change.id,
      subject: change.subject,
      target: change.target === null ? null : JSON.stringify(change.target),
      taken: JSON.stringify(change.taken),
      accounts: BigInt(change.accounts),
      state: 'pending',
      noticed_at_ms: BigInt(change.noticedAtMs),
      effective_at_ms: BigInt(change.effectiveAtMs),
      reason: null,
      told_to: '',
      told_at_ms: null
    })
    .execute()
}

export async function amendChange(
  tx: Tx,
  { id, target, taken }: Pick<Pending, 'id' | 'target' | 'taken'>
): Promise<void> {
  await tx
    .updateTable('catalog_change')
    .set({ target: target === null ? null : JSON.stringify(target), taken: JSON.stringify(taken) })
    .where('id', '=', id)
    .where('state', '=', 'pending')
    .execute()
}

/** Ends the wait of a change, once; false when it did not wait any more. */
export async function closeChange(
  tx: Tx,
  { id, state, reason = null }: { id: string; state: 'applied' | 'forced' | 'withdrawn'; reason?: string | null }
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('catalog_change')
    .set({ state, reason })
    .where('id', '=', id)
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}
