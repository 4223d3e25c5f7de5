import { createHash } from 'node:crypto'
import { AppError, checkApiKey } from '@caicaini/protocol'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Vault } from '../secrets/vault.js'
import type { Db } from '../storage/tables.js'
import { type KeyUse, type Principal, refuseDead, toPrincipal } from './key.js'
import { type KeyRow, readKeyByHash, updateKey } from './store.js'
import { noteUse } from './upkeep-store.js'

export interface LookupDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Log
  /** Changes when another process wrote to the database. */
  readonly foreignVersion: () => number
  /** Addresses are personal, and stored sealed. */
  readonly vault: Pick<Vault, 'seal' | 'open'>
  /** Whom a suspended account asks. */
  readonly appealContact?: string | undefined
}

const CACHED_KEYS_MAX = 10_000
/** `last used` is good to the minute: a write for every request would cost more than it tells. */
const LAST_USED_STEP_MS = 60_000

/** What is stored of a key: what an attacker can time is an index of these, which knows nothing of the key's text. */
export function hashKey(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

const NOWHERE: KeyUse = { address: null, client: null }

/** What the address of a key's last use is sealed for. */
export const useContext = (keyId: string): string => `key-use:${keyId}`

/** Finds the key of a request, from memory as long as nobody changed it. */
export function createLookup({ db, clock, log, foreignVersion, vault, appealContact }: LookupDeps) {
  const cache = new Map<string, KeyRow>()
  /** Counts what was forgotten: a row read before that must not be remembered after it. */
  let generation = 0
  let cachedVersion = foreignVersion()

  function forget(): void {
    generation++
    cache.clear()
  }

  /** Drops what another process may have changed: a key revoked there is refused here at once. */
  function freshen(): void {
    const version = foreignVersion()
    if (version === cachedVersion) return
    cachedVersion = version
    forget()
  }

  async function find(text: string): Promise<KeyRow | undefined> {
    const hash = hashKey(text)
    const cached = cache.get(hash)
    if (cached) return cached
    const readIn = generation
    const row = await readKeyByHash(db, hash)
    if (cache.size >= CACHED_KEYS_MAX) cache.clear()
    if (row && readIn === generation) cache.set(hash, row)
    return row
  }

  function touch(row: KeyRow, { address, client }: KeyUse): void {
    const nowMs = clock.nowMs()
    if (row.last_used_at_ms !== null && nowMs - Number(row.last_used_at_ms) < LAST_USED_STEP_MS) return
    const now = BigInt(nowMs)
    row.last_used_at_ms = now
    const sealed = address === null ? null : vault.seal(address, useContext(row.id))
    db.transaction()
      .execute(async (tx) => {
        await updateKey(tx, row.id, { last_used_at_ms: now })
        await noteUse(tx, { key_id: row.id, at_ms: now, address: sealed, client })
      })
      .catch((error) => log.warn({ key_id: row.id, error: String(error) }, 'could not note when the key was last used'))
  }

  return {
    /** Called after a key was changed here. */
    forget,

    /** The principal of a key's text. Refused with the one thing that is wrong: mistyped, unknown, disabled, revoked, expired. */
    async authenticate(text: string, use: KeyUse = NOWHERE): Promise<Principal> {
      const shape = checkApiKey(text)
      if (shape === 'malformed')
        throw new AppError('malformed_key', "the key does not begin with cai_api_: was another service's key sent?")
      if (shape === 'mistyped')
        throw new AppError('mistyped_key', 'the key is mistyped or cut short: its checksum does not match')
      freshen()
      const row = await find(text)
      if (!row) throw new AppError('unknown_key', 'this key is unknown here: it may belong to another server')
      const principal = toPrincipal(row, clock.nowMs())
      refuseDead(principal, appealContact)
      if (principal.textUntilMs !== undefined && principal.textUntilMs <= clock.nowMs())
        throw new AppError('expired_key', `the key "${principal.key.name}" was rotated: use its new text`)
      touch(row, use)
      return principal
    }
  }
}
