import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Vault } from '../secrets/vault.js'
import type { Db, Tx } from '../storage/tables.js'
import { currentAddress } from './origin.js'
import { type Asked, deleteOrigins, type FoundEvent, insertEvent, insertOrigin, readEvents } from './store.js'
import { withoutSecrets } from './without-secrets.js'

/** How long it is known where something was done from. */
const ORIGINS_KEPT_MS = 365 * 86_400_000

type Fields = Readonly<Record<string, unknown>>

export interface NewOperatorEvent {
  /** Who did it: an account's id. */
  readonly actorId: string
  /** What was done, such as `subscription.set`. */
  readonly action: string
  /** To what or whom: a username, an account's id, the id of a change. */
  readonly subject: string
  readonly detail?: Fields
  /** Whom it was done to, where `subject` does not name them; null where its name is only by chance somebody's. */
  readonly subjectAccountId?: string | null
  /** What it was before and after, where it is a change. */
  readonly was?: Fields
  readonly became?: Fields
}

export interface OperatorEvent {
  readonly id: string
  readonly atMs: number
  /** Username. */
  readonly actor: string
  readonly actorId: string
  readonly action: string
  readonly subject: string
  readonly detail: Fields
  readonly was: Fields | null
  readonly became: Fields | null
  /** Where it was done from; null for this machine, and after a year. */
  readonly address: string | null
}

export interface OperatorLogDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly vault: Pick<Vault, 'seal' | 'open'>
}

export type OperatorLog = ReturnType<typeof createOperatorLog>

const originContext = (eventId: string) => `event:${eventId}`

/** Who did what, to whom, from where: append-only, for the database refuses to change or delete a line. No line holds a secret. */
export function createOperatorLog({ db, clock, ids, vault }: OperatorLogDeps) {
  function toEvent({ id, at_ms, username, actor_account_id, action, address, ...row }: FoundEvent): OperatorEvent {
    return {
      id,
      atMs: Number(at_ms),
      actor: username,
      actorId: actor_account_id,
      action,
      subject: row.subject_username ?? row.subject,
      detail: JSON.parse(row.detail),
      was: row.was === null ? null : JSON.parse(row.was),
      became: row.became === null ? null : JSON.parse(row.became),
      address: address === null ? null : vault.open(address, originContext(id))
    }
  }

  return {
    /** Joins the caller's transaction: what was done and the line that says so stand or fall together. */
    async record(
      tx: Tx,
      { actorId, action, subject, detail = {}, was, became, ...rest }: NewOperatorEvent
    ): Promise<void> {
      const id = ids.next('evt')
      const at_ms = BigInt(clock.nowMs())
      const text = (fields: Fields) => JSON.stringify(withoutSecrets(fields))
      const change = { was: was ? text(was) : null, became: became ? text(became) : null }
      const row = { id, at_ms, actor_account_id: actorId, action, subject, detail: text(detail), ...change }
      await insertEvent(tx, row, rest.subjectAccountId)
      const address = currentAddress()
      if (address !== null)
        await insertOrigin(tx, { event_id: id, at_ms, address: vault.seal(address, originContext(id)) })
    },

    /** The newest first. */
    list: async (asked: Asked): Promise<OperatorEvent[]> => (await readEvents(db, asked)).map(toEvent),

    /** Forgets from where things were done a year ago. */
    sweep: (): Promise<void> => db.transaction().execute((tx) => deleteOrigins(tx, clock.nowMs() - ORIGINS_KEPT_MS))
  }
}
