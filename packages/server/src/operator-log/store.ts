import { sql } from 'kysely'
import type { Db, NewRow, Row, Tx } from '../storage/tables.js'

type EventRow = Omit<NewRow<'operator_event'>, 'subject_account_id'>

/** `subjectAccountId`: whom it was done to; undefined: whoever has the subject's name or id. */
export async function insertEvent(tx: Tx, row: EventRow, subjectAccountId: string | null | undefined): Promise<void> {
  const found =
    subjectAccountId === undefined
      ? sql<string | null>`(select id from account where id = ${row.subject} or username = ${row.subject})`
      : subjectAccountId
  await tx
    .insertInto('operator_event')
    .values({ ...row, subject_account_id: found })
    .execute()
}

export async function insertOrigin(tx: Tx, row: NewRow<'event_origin'>): Promise<void> {
  await tx.insertInto('event_origin').values(row).execute()
}

/** Addresses that were noted before then: they are personal, and kept no longer than they are of use. */
export async function deleteOrigins(tx: Tx, beforeMs: number): Promise<void> {
  await tx.deleteFrom('event_origin').where('at_ms', '<', BigInt(beforeMs)).execute()
}

export interface Asked {
  /** A username. */
  readonly actor?: string | undefined
  /** A username, or what else an event names as its subject. */
  readonly subject?: string | undefined
  /** Whole, or up to one of its dots: `key` for all that is done to keys. */
  readonly action?: string | undefined
  readonly sinceMs?: number | undefined
  /** Only what this account did, or what was done to it. */
  readonly concerns?: string | undefined
  readonly limit: number
}

export type FoundEvent = Row<'operator_event'> & {
  username: string
  subject_username: string | null
  address: string | null
}

/** The newest first, each with the names of who did it and of whom it was done to. */
export function readEvents(db: Db, { actor, subject, action, sinceMs, concerns, limit }: Asked): Promise<FoundEvent[]> {
  let query = db
    .selectFrom('operator_event as event')
    .innerJoin('account as actor', 'actor.id', 'event.actor_account_id')
    .leftJoin('account as whom', 'whom.id', 'event.subject_account_id')
    .leftJoin('event_origin as origin', 'origin.event_id', 'event.id')
    .selectAll('event')
    .select(['actor.username as username', 'whom.username as subject_username', 'origin.address as address'])
  if (actor !== undefined) query = query.where('actor.username', '=', actor)
  if (subject !== undefined)
    query = query.where((eb) => eb.or([eb('whom.username', '=', subject), eb('event.subject', '=', subject)]))
  if (action !== undefined)
    query = query.where((eb) =>
      eb.or([eb('action', '=', action), eb(sql<string>`substr(action, 1, ${action.length + 1})`, '=', `${action}.`)])
    )
  if (sinceMs !== undefined) query = query.where('event.at_ms', '>=', BigInt(sinceMs))
  if (concerns !== undefined)
    query = query.where((eb) => eb.or([eb('actor_account_id', '=', concerns), eb('subject_account_id', '=', concerns)]))
  return query.orderBy('event.id', 'desc').limit(limit).execute()
}
