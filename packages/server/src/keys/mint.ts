import { AppError, apiKeyHint, generateApiKey } from '@caicaini/protocol'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Period } from '../lib/period.js'
import type { Random } from '../lib/random.js'
import type { NewRow, Tx } from '../storage/tables.js'
import { type Key, toKey } from './key.js'
import { hashKey } from './lookup.js'
import { countKeys, insertKey, type KeyRow, readKey, readLocalKey } from './store.js'

export interface MintDeps {
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  /** Refuses one more key for an account that has `keys`: how many there may be is its plan's to say. */
  readonly admitKey: (tx: Tx, ask: { accountId: string; keys: number }) => Promise<void>
  /** Told of each key that an account made. */
  readonly onKeyMade: (tx: Tx, accountId: string) => Promise<void>
}

export interface NewKey {
  readonly name: string
  readonly scope: 'api' | 'cli'
  /** Micro-credits in each period; 0 = no limit. */
  readonly quota: bigint
  readonly quotaPeriod: Period
  /** Null, or left out: it does not end by itself. */
  readonly expiresAtMs?: number | null
}

/** How keys come to be, inside a caller's transaction. */
export function createMint({ clock, ids, random, admitKey, onKeyMade }: MintDeps) {
  async function createIn(tx: Tx, accountId: string, ask: NewKey): Promise<{ key: Key; text: string }> {
    const text = generateApiKey((length) => random.bytes(length))
    const { name, scope, expiresAtMs = null } = ask
    const expires_at_ms = requireFuture(expiresAtMs, clock.nowMs())
    const row = { ...newRow(accountId, { name, scope, hash: hashKey(text), hint: apiKeyHint(text) }), expires_at_ms }
    await admitKey(tx, { accountId, keys: await countKeys(tx, accountId) })
    await insertKey(tx, row, { limit: ask.quota, period: ask.quotaPeriod })
    await onKeyMade(tx, accountId)
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

  return { createIn, ensureLocalKey }
}

/** An end that is still to come, as it is stored; null for none. */
export function requireFuture(endMs: number | null, nowMs: number): bigint | null {
  if (endMs === null) return null
  if (endMs > nowMs) return BigInt(endMs)
  throw new AppError('invalid_request', `expires_at: must be in the future, got ${new Date(endMs).toISOString()}`)
}
