import { AppError } from '@caicaini/protocol'
import { requireEmail } from '../identity/email.js'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Vault } from '../secrets/vault.js'
import type { Db, Tx } from '../storage/tables.js'
import { closeRequest, insertRequest, readRequests } from './store.js'

/** A month, as the GDPR's article 12 (3) and its likes have it. */
const DUE_MS = 30 * 86_400_000
const MESSAGE_CHARS_MAX = 4_000

/** What people may ask: to see, to take along, to erase, or anything about a child's account. */
export const KINDS = ['access', 'export', 'erase', 'child'] as const
export type DataRequestKind = (typeof KINDS)[number]

export interface DataRequest {
  readonly id: string
  readonly kind: DataRequestKind
  readonly username: string | null
  readonly contact: string
  readonly message: string
  readonly createdAtMs: number
  readonly dueAtMs: number
  readonly closedAtMs: number | null
  readonly outcome: string | null
}

export interface DataRequestsDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly vault: Vault
  readonly record: (
    tx: Tx,
    event: { actorId: string; action: string; subject: string; detail?: { readonly [name: string]: unknown } }
  ) => Promise<void>
}

export type DataRequests = ReturnType<typeof createDataRequests>

/** What people ask about their data, by whatever way, each with its thirty days. */
export function createDataRequests({ db, clock, ids, vault, record }: DataRequestsDeps) {
  const context = (id: string) => `data-request:${id}`

  return {
    /** From anybody; the account is named where they are signed in. */
    async ask({
      kind,
      email,
      message,
      accountId
    }: {
      kind: string
      email: string
      message: string
      accountId: string | null
    }): Promise<{ id: string; dueAtMs: number }> {
      if (!(KINDS as readonly string[]).includes(kind))
        throw new AppError('invalid_request', `kind: must be one of ${KINDS.join(', ')}`, { param: 'kind' })
      const contact = requireEmail(email)
      if (message.length > MESSAGE_CHARS_MAX)
        throw new AppError('invalid_request', `message: must have at most ${MESSAGE_CHARS_MAX} characters`, {
          param: 'message'
        })
      const [id, nowMs] = [ids.next('dreq'), clock.nowMs()]
      const row = {
        id,
        kind,
        account_id: accountId,
        contact: vault.seal(contact, context(id)),
        message: vault.seal(message, context(id)),
        created_at_ms: BigInt(nowMs),
        due_at_ms: BigInt(nowMs + DUE_MS)
      }
      await db.transaction().execute((tx) => insertRequest(tx, row))
      return { id, dueAtMs: nowMs + DUE_MS }
    },

    async list({ all, limit }: { all: boolean; limit: number }): Promise<DataRequest[]> {
      return (await readRequests(db, { all, limit })).map((row) => ({
        id: row.id,
        kind: row.kind as DataRequestKind,
        username: row.username,
        contact: vault.open(row.contact, context(row.id)),
        message: vault.open(row.message, context(row.id)),
        createdAtMs: Number(row.created_at_ms),
        dueAtMs: Number(row.due_at_ms),
        closedAtMs: row.closed_at_ms === null ? null : Number(row.closed_at_ms),
        outcome: row.outcome
      }))
    },

    /** 404 for one that is closed, or that nobody made. */
    async close(id: string, { outcome, by }: { outcome: string; by: string }): Promise<void> {
      await db.transaction().execute(async (tx) => {
        if (!(await closeRequest(tx, id, { nowMs: clock.nowMs(), outcome })))
          throw new AppError('not_found', `request: there is no open request "${id}"`)
        await record(tx, { actorId: by, action: 'data_request.close', subject: id, detail: { outcome } })
      })
    }
  }
}
