import { AppError, formatCredits } from '@caicaini/protocol'
import { type Period, periodStartMs } from '../lib/period.js'
import type { Tx } from '../storage/tables.js'
import { type Key, type KeyUse, type Principal, toKey, toPrincipal } from './key.js'
import { createLookup, type LookupDeps, useContext } from './lookup.js'
import { createMint, type MintDeps, type NewKey, requireFuture } from './mint.js'
import { createSessions } from './sessions.js'
import {
  type KeyRow,
  readKey,
  readKeyByHash,
  readKeys,
  readLocalKey,
  revokeAll,
  updateKey,
  updateQuotaLimit,
  updateQuotaPeriod
} from './store.js'
import { createUpkeep, type RecordKey, type UpkeepDeps } from './upkeep.js'
import { deleteFormers, readUses } from './upkeep-store.js'

export interface KeysDeps extends LookupDeps, MintDeps, Pick<UpkeepDeps, 'onOldKey' | 'onKeyLeaked'> {
  /** Joins the transaction of what is done to a key: the line that says so. */
  readonly record: RecordKey
}

export interface KeyEdit {
  readonly name?: string
  readonly quota?: bigint
  readonly quotaPeriod?: Period
  readonly disabled?: boolean
  /** Null: it does not end by itself. */
  readonly expiresAtMs?: number | null
}

/** What is done to a key, and by whom: an account's id. */
interface Act {
  readonly by: string
  readonly action: string
  readonly detail?: Readonly<Record<string, unknown>>
}

export type Keys = ReturnType<typeof createKeys>

/** Keys of accounts: made, found, changed, revoked. */
export function createKeys(deps: KeysDeps) {
  const { db, clock } = deps
  const lookup = createLookup(deps)
  const { createIn, ensureLocalKey } = createMint(deps)

  function write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return db.transaction().execute(work)
  }

  async function change(
    accountId: string,
    keyId: string,
    { by, action, detail }: Act,
    work: (tx: Tx, row: KeyRow) => Promise<void>
  ): Promise<Key> {
    const changed = await write(async (tx) => {
      const row = await readKey(tx, accountId, keyId)
      if (!row || row.scope === 'local' || row.parent_id !== null)
        throw new AppError('not_found', `key: there is no key "${keyId}" in this account`)
      await work(tx, row)
      const told = { key: keyId, name: row.name, ...detail }
      await deps.record(tx, { actorId: by, action, subject: row.username, detail: told })
      return readKey(tx, accountId, keyId)
    })
    lookup.forget()
    return toKey(changed as KeyRow, clock.nowMs())
  }

  return {
    authenticate: lookup.authenticate,
    /** Called when an account was changed, whose plan and tier are remembered with its keys. */
    forget: lookup.forget,

    sessions: createSessions({ ...deps, write, forget: lookup.forget }),
    upkeep: createUpkeep({ ...deps, write, forget: lookup.forget }),

    /** The owner's own key on this data directory: made once, without a text, so that nobody else can send it. */
    async localPrincipal(ownerId: string): Promise<Principal> {
      const existing = await readLocalKey(db, ownerId)
      const row = existing ?? (await write((tx) => ensureLocalKey(tx, ownerId)))
      return toPrincipal(row, clock.nowMs())
    },

    /** A new key; its text is returned here and never again. */
    create: (accountId: string, ask: NewKey, by: string): Promise<{ key: Key; text: string }> =>
      write(async (tx) => {
        const made = await createIn(tx, accountId, ask)
        const { id, name, scope } = made.key
        const { username } = (await readKey(tx, accountId, id)) as KeyRow
        await deps.record(tx, {
          actorId: by,
          action: 'key.create',
          subject: username,
          detail: { key: id, name, scope }
        })
        return made
      }),

    /** The same in a caller's transaction. */
    createIn,

    /** Revokes the key of this hash where it is this account's and lives, in a caller's transaction who then calls `forget`; its name. */
    async revokeByHashIn(tx: Tx, { accountId, hash }: { accountId: string; hash: string }): Promise<string | null> {
      const row = await readKeyByHash(tx, hash)
      if (row?.account_id !== accountId || row.revoked_at_ms !== null) return null
      // A text from before the key was rotated goes alone.
      if (row.text_until_ms !== undefined) await deleteFormers(tx, { keyId: row.id, hash })
      else await updateKey(tx, row.id, { revoked_at_ms: BigInt(clock.nowMs()) })
      return row.name
    },

    /** Revokes every key of an account, in a caller's transaction who then calls `forget`. */
    revokeAllIn: (tx: Tx, accountId: string): Promise<void> => revokeAll(tx, accountId, clock.nowMs()),

    async get(accountId: string, keyId: string): Promise<Key> {
      const row = await readKey(db, accountId, keyId)
      if (!row) throw new AppError('not_found', `key: there is no key "${keyId}" in this account`)
      return toKey(row, clock.nowMs())
    },

    async list(accountId: string): Promise<Key[]> {
      return (await readKeys(db, accountId)).map((row) => toKey(row, clock.nowMs()))
    },

    /** Where each key of an account was last used from, by its id. */
    async uses(accountId: string): Promise<ReadonlyMap<string, KeyUse>> {
      const rows = await readUses(db, accountId)
      const open = (id: string, sealed: string | null) =>
        sealed === null ? null : deps.vault.open(sealed, useContext(id))
      return new Map(rows.map(({ key_id: id, address, client }) => [id, { address: open(id, address), client }]))
    },

    edit(accountId: string, keyId: string, ask: KeyEdit, by: string): Promise<Key> {
      return change(accountId, keyId, { by, action: 'key.edit', detail: toldOf(ask) }, async (tx, row) => {
        await applyEdit(tx, row, ask, clock.nowMs())
      })
    },

    /** For good, and at once, for other processes on the same data too. Twice is as good as once. */
    revoke(accountId: string, keyId: string, by: string): Promise<Key> {
      return change(accountId, keyId, { by, action: 'key.revoke' }, async (tx, row) => {
        if (row.revoked_at_ms === null) await updateKey(tx, keyId, { revoked_at_ms: BigInt(clock.nowMs()) })
      })
    }
  }
}

async function applyEdit(tx: Tx, row: KeyRow, ask: KeyEdit, nowMs: number): Promise<void> {
  const { id, name } = row
  if (row.revoked_at_ms !== null) throw new AppError('conflict', `key: "${name}" is revoked, for good`)
  if (ask.name !== undefined) await updateKey(tx, id, { name: ask.name })
  if (ask.quota !== undefined) await updateQuotaLimit(tx, id, ask.quota)
  if (ask.quotaPeriod !== undefined && ask.quotaPeriod !== row.period) {
    const startMs = periodStartMs(ask.quotaPeriod, nowMs)
    await updateQuotaPeriod(tx, id, { period: ask.quotaPeriod, startMs })
  }
  if (ask.disabled !== undefined) {
    await updateKey(tx, id, { disabled_at_ms: ask.disabled ? BigInt(nowMs) : null })
  }
  if (ask.expiresAtMs !== undefined) {
    await updateKey(tx, id, { expires_at_ms: requireFuture(ask.expiresAtMs, nowMs) })
  }
}

/** What a change of a key says in the log. */
function toldOf({ quota, expiresAtMs, ...rest }: KeyEdit): Readonly<Record<string, unknown>> {
  return {
    ...rest,
    ...(quota !== undefined && { quota: formatCredits(quota).replaceAll(',', '') }),
    ...(expiresAtMs !== undefined && { expires_at: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString() })
  }
}
