import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Db, Tx } from '../storage/tables.js'
import { insertEvent, readEvents } from './store.js'

export interface NewOperatorEvent {
  /** Who did it: an account's id. */
  readonly actorId: string
  /** What was done, such as `subscription.set`. */
  readonly action: string
  /** To what or whom: a username, the id of a change. */
  readonly subject: string
  readonly detail?: Readonly<Record<string, unknown>>
  /** Whom it was done to, where `subject` does not name them by username or id; null where it is no account. */
  readonly subjectAccountId?: string | null
  /** What it was before and after, where it is a change; never a secret. */
  readonly was?: Readonly<Record<string, unknown>>
  readonly became?: Readonly<Record<string, unknown>>
}

export interface OperatorEvent {
  readonly id: string
  readonly atMs: number
  /** Username. */
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly detail: Readonly<Record<string, unknown>>
}

export type OperatorLog = ReturnType<typeof createOperatorLog>

/** What operators did, append-only: the database refuses to change or delete a line. */
export function createOperatorLog({ db, clock, ids }: { db: Db; clock: Clock; ids: Ids }) {
  return {
    /** Joins the caller's transaction: what was done and the line that says so stand or fall together. */
    async record(tx: Tx, { actorId, action, subject, detail = {} }: NewOperatorEvent): Promise<void> {
      await insertEvent(tx, {
        id: ids.next('evt'),
        at_ms: BigInt(clock.nowMs()),
        actor_account_id: actorId,
        action,
        subject,
        detail: JSON.stringify(detail)
      })
    },

    /** The newest first. */
    async list(limit: number): Promise<OperatorEvent[]> {
      return (await readEvents(db, limit)).map((row) => ({
        id: row.id,
        atMs: Number(row.at_ms),
        actor: row.username,
        action: row.action,
        subject: row.subject,
        detail: JSON.parse(row.detail)
      }))
    }
  }
}
