import { AppError, apiKeyHint, generateApiKey } from '@caicaini/protocol'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Random } from '../lib/random.js'
import type { Db, Tx } from '../storage/tables.js'
import { type Key, type Labels, type Principal, toKey } from './key.js'
import { hashKey } from './lookup.js'
import {
  countLiveSessions,
  insertKey,
  type KeyRow,
  readKey,
  readSessions,
  updateKey,
  updateQuotaLimit
} from './store.js'

/** Session keys of one key that live at the same time, and that are listed. */
const LIVE_SESSIONS_MAX = 200
const SESSIONS_LISTED_MAX = 500

export interface SessionsDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly write: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>
  /** Drops what is remembered of keys. */
  readonly forget: () => void
}

/**
 * Keys derived from another for one session: capped, short-lived, for the gateway alone, whatever its
 * parent may. What is spent counts on both; a session key derives no further ones.
 */
export function createSessions({ db, clock, ids, random, write, forget }: SessionsDeps) {
  async function change(parent: Key, id: string, work: (tx: Tx, row: KeyRow) => Promise<void>, accountId: string) {
    const row = await write(async (tx) => {
      const found = await readKey(tx, accountId, id)
      if (!found || found.parent_id !== parent.id)
        throw new AppError('not_found', `session: there is no "${id}" of this key`)
      await work(tx, found)
      return readKey(tx, accountId, id)
    })
    forget()
    return toKey(row as KeyRow, clock.nowMs())
  }

  return {
    /** A new session key of the principal's key; its text is returned here and never again. */
    async create(
      { key: parent, account }: Principal,
      ask: { label: string; cap: bigint; expiresInS: number; labels: Labels }
    ): Promise<{ key: Key; text: string }> {
      if (parent.parentId !== null) throw new AppError('scope', 'a session key derives no further keys')
      const text = generateApiKey((length) => random.bytes(length))
      const nowMs = clock.nowMs()
      const endMs = Math.min(nowMs + ask.expiresInS * 1000, parent.expiresAtMs ?? Number.POSITIVE_INFINITY)
      const id = ids.next('key')
      const row = await write(async (tx) => {
        if ((await countLiveSessions(tx, parent.id, nowMs)) >= LIVE_SESSIONS_MAX)
          throw new AppError(
            'conflict',
            `sessions: this key has ${LIVE_SESSIONS_MAX} that live: end some of them first`
          )
        const key = { id, account_id: account.id, parent_id: parent.id, name: ask.label, scope: 'api' as const }
        const times = { created_at_ms: BigInt(nowMs), expires_at_ms: BigInt(endMs) }
        await insertKey(
          tx,
          { ...key, ...times, ...ask.labels, hash: hashKey(text), hint: apiKeyHint(text) },
          { limit: ask.cap, period: 'life' }
        )
        return readKey(tx, account.id, id)
      })
      return { key: toKey(row as KeyRow, nowMs), text }
    },

    /** Those of the key, newest first. */
    async list(parent: Key): Promise<Key[]> {
      return (await readSessions(db, parent.id, SESSIONS_LISTED_MAX)).map((row) => toKey(row, clock.nowMs()))
    },

    /** Another cap, at once, also while requests are under way. */
    setCap({ key, account }: Principal, id: string, cap: bigint): Promise<Key> {
      return change(key, id, (tx) => updateQuotaLimit(tx, id, cap), account.id)
    },

    /** Ends the session for good. Twice is as good as once. */
    end({ key, account }: Principal, id: string): Promise<Key> {
      const work = async (tx: Tx, row: KeyRow) => {
        if (row.revoked_at_ms === null) await updateKey(tx, id, { revoked_at_ms: BigInt(clock.nowMs()) })
      }
      return change(key, id, work, account.id)
    }
  }
}
