import { createHash } from 'node:crypto'
import { AppError, apiKeyHint, checkApiKey, generateApiKey } from '@caicaini/protocol'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Log } from '../lib/log.js'
import type { Random } from '../lib/random.js'
import type { Db, NewRow, Tx } from '../storage/tables.js'
import {
  insertKey,
  type KeyRow,
  readKey,
  readKeyByHash,
  readKeys,
  readLocalKey,
  updateKey,
  updateQuotaLimit
} from './store.js'

export type Scope = 'api' | 'cli' | 'local'

export interface Key {
  readonly id: string
  readonly name: string
  readonly scope: Scope
  readonly hint: string
  readonly status: 'active' | 'disabled' | 'revoked' | 'expired'
  /** Micro-credits over the key's life; 0 = no limit. */
  readonly quota: bigint
  readonly quotaUsed: bigint
  readonly createdAtMs: number
  readonly lastUsedAtMs: number | null
}

/** Who a request speaks for: a live key and its account. */
export interface Principal {
  readonly key: Key
  readonly account: {
    readonly id: string
    readonly username: string
    readonly role: string
    readonly plan: string
    readonly tier: string
    readonly status: string
  }
}

export interface KeysDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly log: Log
  /** Changes when another process wrote to the database. */
  readonly foreignVersion: () => number
}

const CACHED_KEYS_MAX = 10_000
/** `last used` is good to the minute: a write for every request would cost more than it tells. */
const LAST_USED_STEP_MS = 60_000

export type Keys = ReturnType<typeof createKeys>

export function createKeys({ db, clock, ids, random, log, foreignVersion }: KeysDeps) {
  const cache = new Map<string, KeyRow>()
  /** Counts what was forgotten: a row read before that must not be remembered after it. */
  let generation = 0
  let cachedVersion = foreignVersion()
  let local: KeyRow | undefined

  function forget(): void {
    generation++
    cache.clear()
    local = undefined
  }

  /** Drops what another process may have changed: a key revoked there is refused here at once. */
  function freshen(): void {
    const version = foreignVersion()
    if (version === cachedVersion) return
    cachedVersion = version
    forget()
  }

  async function find(text: string): Promise<KeyRow | undefined> {
    // Looked up by hash: what an attacker can time is the index, which knows nothing of the key's text.
    const hash = createHash('sha256').update(text).digest('hex')
    const cached = cache.get(hash)
    if (cached) return cached
    const readIn = generation
    const row = await readKeyByHash(db, hash)
    if (cache.size >= CACHED_KEYS_MAX) cache.clear()
    if (row && readIn === generation) cache.set(hash, row)
    return row
  }

  function touch(row: KeyRow): void {
    const nowMs = clock.nowMs()
    if (row.last_used_at_ms !== null && nowMs - Number(row.last_used_at_ms) < LAST_USED_STEP_MS) return
    row.last_used_at_ms = BigInt(nowMs)
    write((tx) => updateKey(tx, row.id, { last_used_at_ms: BigInt(nowMs) })).catch((error) =>
      log.warn({ key_id: row.id, error: String(error) }, 'could not note when the key was last used')
    )
  }

  function write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return db.transaction().execute(work)
  }

  async function change(accountId: string, keyId: string, work: (tx: Tx, row: KeyRow) => Promise<void>): Promise<Key> {
    const changed = await write(async (tx) => {
      const row = await readKey(tx, accountId, keyId)
      if (!row || row.scope === 'local')
        throw new AppError('not_found', `key: there is no key "${keyId}" in this account`)
      await work(tx, row)
      return readKey(tx, accountId, keyId)
    })
    forget()
    return toKey(changed as KeyRow, clock.nowMs())
  }

  return {
    /** The principal of a key's text. Refused with the one thing that is wrong: mistyped, unknown, disabled, revoked, expired. */
    async authenticate(text: string): Promise<Principal> {
      const shape = checkApiKey(text)
      if (shape === 'malformed')
        throw new AppError('malformed_key', "the key does not begin with cai_api_: was another service's key sent?")
      if (shape === 'mistyped')
        throw new AppError('mistyped_key', 'the key is mistyped or cut short: its checksum does not match')
      freshen()
      const row = await find(text)
      if (!row) throw new AppError('unknown_key', 'this key is unknown here: it may belong to another server')
      const principal = toPrincipal(row, clock.nowMs())
      refuseDead(principal)
      touch(row)
      return principal
    },

    /** The owner's own key on this data directory: made once, without a text, so that nobody else can send it. */
    async localPrincipal(ownerId: string): Promise<Principal> {
      freshen()
      local ??= await readLocalKey(db, ownerId)
      local ??= await write(async (tx) => {
        const row = newRow(ownerId, { name: 'local', scope: 'local', hash: null, hint: 'local' })
        if (!(await readLocalKey(tx, ownerId))) await insertKey(tx, row, 0n)
        return readLocalKey(tx, ownerId)
      })
      return toPrincipal(local as KeyRow, clock.nowMs())
    },

    /** A new key; its text is returned here and never again. */
    async create(
      accountId: string,
      ask: { name: string; scope: 'api' | 'cli'; quota: bigint }
    ): Promise<{ key: Key; text: string }> {
      const text = generateApiKey((length) => random.bytes(length))
      const hash = createHash('sha256').update(text).digest('hex')
      const row = newRow(accountId, { name: ask.name, scope: ask.scope, hash, hint: apiKeyHint(text) })
      const stored = await write(async (tx) => {
        await insertKey(tx, row, ask.quota)
        return readKey(tx, accountId, row.id)
      })
      return { key: toKey(stored as KeyRow, clock.nowMs()), text }
    },

    async get(accountId: string, keyId: string): Promise<Key> {
      const row = await readKey(db, accountId, keyId)
      if (!row) throw new AppError('not_found', `key: there is no key "${keyId}" in this account`)
      return toKey(row, clock.nowMs())
    },

    async list(accountId: string): Promise<Key[]> {
      return (await readKeys(db, accountId)).map((row) => toKey(row, clock.nowMs()))
    },

    edit(accountId: string, keyId: string, ask: { name?: string; quota?: bigint; disabled?: boolean }): Promise<Key> {
      return change(accountId, keyId, async (tx, row) => {
        if (row.revoked_at_ms !== null) throw new AppError('conflict', `key: "${row.name}" is revoked, for good`)
        if (ask.name !== undefined) await updateKey(tx, keyId, { name: ask.name })
        if (ask.quota !== undefined) await updateQuotaLimit(tx, keyId, ask.quota)
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

  function newRow(
    accountId: string,
    fields: Pick<NewRow<'api_key'>, 'name' | 'scope' | 'hash' | 'hint'>
  ): NewRow<'api_key'> {
    return { id: ids.next('key'), account_id: accountId, created_at_ms: BigInt(clock.nowMs()), ...fields }
  }
}

/** Says why a key or its account may not act any more. */
function refuseDead({ key, account }: Principal): void {
  switch (key.status) {
    case 'revoked':
      throw new AppError('revoked_key', `the key "${key.name}" was revoked: make a new one`)
    case 'disabled':
      throw new AppError('disabled_key', `the key "${key.name}" is disabled: enable it, or use another`)
    case 'expired':
      throw new AppError('expired_key', `the key "${key.name}" has expired: make a new one`)
    case 'active':
      if (account.status !== 'active')
        throw new AppError('suspended', `the account "${account.username}" is ${account.status}`)
  }
}

function toPrincipal(row: KeyRow, nowMs: number): Principal {
  const { account_id: id, username, role, plan, tier, account_status: status } = row
  const account = { id, username, role, plan, tier, status }
  return { key: toKey(row, nowMs), account }
}

function toKey(row: KeyRow, nowMs: number): Key {
  const expired = row.expires_at_ms !== null && Number(row.expires_at_ms) <= nowMs
  return {
    id: row.id,
    name: row.name,
    scope: row.scope as Scope,
    hint: row.hint,
    status:
      row.revoked_at_ms !== null
        ? 'revoked'
        : row.disabled_at_ms !== null
          ? 'disabled'
          : expired
            ? 'expired'
            : 'active',
    quota: row.credit_limit,
    quotaUsed: row.used,
    createdAtMs: Number(row.created_at_ms),
    lastUsedAtMs: row.last_used_at_ms === null ? null : Number(row.last_used_at_ms)
  }
}
