import { AppError, apiKeyHint, generateApiKey } from '@caicaini/protocol'
import type { Ids } from '../lib/ids.js'
import { type Period, periodStartMs } from '../lib/period.js'
import type { Random } from '../lib/random.js'
import type { NewRow, Tx } from '../storage/tables.js'
import { type Key, type Principal, toKey, toPrincipal } from './key.js'
import { createLookup, hashKey, type LookupDeps } from './lookup.js'
import { createSessions } from './sessions.js'
import {
  countKeys,
  insertKey,
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

export interface KeysDeps extends LookupDeps {
  readonly ids: Ids
  readonly random: Random
  /** Refuses one more key for an account that has `keys`: how many there may be is its plan's to say. */
  readonly admitKey: (tx: Tx, ask: { accountId: string; keys: number }) => Promise<void>
}

export interface NewKey {
  readonly name: string
  readonly scope: 'api' | 'cli'
  /** Micro-credits in each period; 0 = no limit. */
  readonly quota: bigint
  readonly quotaPeriod: Period
}

export interface KeyEdit {
  readonly name?: string
  readonly quota?: bigint
  readonly quotaPeriod?: Period
  readonly disabled?: boolean
}

export type Keys = ReturnType<typeof createKeys>

/** Keys of accounts: made, found, changed, revoked. */
export function createKeys(deps: KeysDeps) {
  const { db, clock, ids, random } = deps
  const lookup = createLookup(deps)

  function write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return db.transaction().execute(work)
  }

  async function change(accountId: string, keyId: string, work: (tx: Tx, row: KeyRow) => Promise<void>): Promise<Key> {
    const changed = await write(async (tx) => {
      const row = await readKey(tx, accountId, keyId)
      if (!row || row.scope === 'local' || row.parent_id !== null)
        throw new AppError('not_found', `key: there is no key "${keyId}" in this account`)
      await work(tx, row)
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

    /** The owner's own key on this data directory: made once, without a text, so that nobody else can send it. */
    async localPrincipal(ownerId: string): Promise<Principal> {
      const existing = await readLocalKey(db, ownerId)
      const row = existing ?? (await write((tx) => ensureLocalKey(tx, ownerId)))
      return toPrincipal(row, clock.nowMs())
    },

    /** A new key; its text is returned here and never again. */
    create: (accountId: string, ask: NewKey): Promise<{ key: Key; text: string }> =>
      write((tx) => createIn(tx, accountId, ask)),

    /** The same in a caller's transaction. */
    createIn,

    /** Revokes the key of this hash where it is this account's and lives, in a caller's transaction who then calls `forget`; its name. */
    async revokeByHashIn(tx: Tx, { accountId, hash }: { accountId: string; hash: string }): Promise<string | null> {
      const row = await readKeyByHash(tx, hash)
      if (row?.account_id !== accountId || row.revoked_at_ms !== null) return null
      await updateKey(tx, row.id, { revoked_at_ms: BigInt(clock.nowMs()) })
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

    edit(accountId: string, keyId: string, ask: KeyEdit): Promise<Key> {
      return change(accountId, keyId, async (tx, row) => {
        if (row.revoked_at_ms !== null) throw new AppError('conflict', `key: "${row.name}" is revoked, for good`)
        if (ask.name !== undefined) await updateKey(tx, keyId, { name: ask.name })
        if (ask.quota !== undefined) await updateQuotaLimit(tx, keyId, ask.quota)
        if (ask.quotaPeriod !== undefined && ask.quotaPeriod !== row.period) {
          const startMs = periodStartMs(ask.quotaPeriod, clock.nowMs())
          await updateQuotaPeriod(tx, keyId, { period: ask.quotaPeriod, startMs })
        }
        if (ask.disabled !== undefined) {
          await updateKey(tx, keyId, { disabled_at_ms: ask.disabled ? BigInt(clock.nowMs()) : null })
        }
      })
    },

    /** For good, and at once, for other processes on the same data too. Twice is as good as once. */
    revoke(accountId: string, keyId: string): Promise<Key> {
      return change(accountId, keyId, async (tx, row) => {
        if (row.revoked_at_ms === null) await updateKey(tx, keyId, { revoked_at_ms: BigInt(clock.nowMs()) })
      })
    }
  }

  async function createIn(tx: Tx, accountId: string, ask: NewKey): Promise<{ key: Key; text: string }> {
    const text = generateApiKey((length) => random.bytes(length))
    const { name, scope } = ask
    const row = newRow(accountId, { name, scope, hash: hashKey(text), hint: apiKeyHint(text) })
    await deps.admitKey(tx, { accountId, keys: await countKeys(tx, accountId) })
    await insertKey(tx, row, { limit: ask.quota, period: ask.quotaPeriod })
    const stored = (await readKey(tx, accountId, row.id)) as KeyRow
    return { key: toKey(stored, clock.nowMs()), text }
  }

  async function ensureLocalKey(tx: Tx, ownerId: string): Promise<KeyRow> {
    const other = await readLocalKey(tx, ownerId)
    if (other) return other
    const row = newRow(ownerId, { name: 'local', scope: 'local', hash: null, hint: 'local' })
    await insertKey(tx, row, { limit: 0n, period: 'life' })
    return (await readLocalKey(tx, ownerId)) as KeyRow
  }

  function newRow(
    accountId: string,
    fields: Pick<NewRow<'api_key'>, 'name' | 'scope' | 'hash' | 'hint'>
  ): NewRow<'api_key'> {
    return { id: ids.next('key'), account_id: accountId, created_at_ms: BigInt(clock.nowMs()), ...fields }
  }
}
