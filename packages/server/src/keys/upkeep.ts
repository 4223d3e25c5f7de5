import { AppError, apiKeyHint, generateApiKey } from '@caicaini/protocol'
import type { Clock } from '../lib/clock.js'
import type { Random } from '../lib/random.js'
import type { Tx } from '../storage/tables.js'
import { type Key, toKey } from './key.js'
import { hashKey } from './lookup.js'
import { type KeyRow, readKey, readKeyByHash, updateKey } from './store.js'
import { deleteFormers, deleteFormersBefore, insertFormer, readOldKeys } from './upkeep-store.js'

const DAY_MS = 86_400_000
/** A text of this age should be changed for another. */
export const OLD_KEY_MS = 90 * DAY_MS
const OLD_KEYS_AT_ONCE = 200
const FORMERS_KEPT_MS = 30 * DAY_MS

/** A key that its owner should know something of. */
export interface TellableKey {
  readonly accountId: string
  readonly keyId: string
  readonly name: string
  readonly hint: string
}

export type RecordKey = (
  tx: Tx,
  event: { actorId: string; action: string; subject: string; detail?: Readonly<Record<string, unknown>> }
) => Promise<void>

export interface UpkeepDeps {
  readonly clock: Clock
  readonly random: Random
  readonly write: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>
  readonly forget: () => void
  readonly record: RecordKey
  /** Told of a key whose text is over 90 days old, once in 90 days. */
  readonly onOldKey: (tx: Tx, key: TellableKey & { readonly ageDays: number }) => Promise<void>
  /** Told of a key that was revoked because somebody else had its text. */
  readonly onKeyLeaked: (tx: Tx, key: TellableKey & { readonly foundAt: string | null }) => Promise<void>
}

export type LeakOutcome = 'revoked' | 'was revoked' | 'unknown'

/** What keys need as they grow old, or get into other hands. */
export function createUpkeep({ clock, random, write, forget, record, onOldKey, onKeyLeaked }: UpkeepDeps) {
  /**
   * Another text for a key, which stays what it is: name, scope, quota and what it has used. The text before
   * is good for `overlapMs` yet.
   */
  async function rotate(
    accountId: string,
    keyId: string,
    { overlapMs, by }: { overlapMs: number; by: string }
  ): Promise<{ key: Key; text: string }> {
    const text = generateApiKey((length) => random.bytes(length))
    const nowMs = clock.nowMs()
    const row = await write(async (tx) => {
      const found = await readKey(tx, accountId, keyId)
      if (!found || found.scope === 'local' || found.parent_id !== null || found.hash === null)
        throw new AppError('not_found', `key: there is no key "${keyId}" in this account`)
      const { status } = toKey(found, nowMs)
      if (status === 'revoked' || status === 'expired')
        throw new AppError('conflict', `key: "${found.name}" is ${status}: make a new one`)
      if (overlapMs === 0) await deleteFormers(tx, { keyId })
      else await insertFormer(tx, { hash: found.hash, key_id: keyId, expires_at_ms: BigInt(nowMs + overlapMs) })
      const fresh = { hash: hashKey(text), hint: apiKeyHint(text), rotated_at_ms: BigInt(nowMs), old_told_at_ms: null }
      await updateKey(tx, keyId, fresh)
      const detail = { key: keyId, name: found.name, overlap_s: overlapMs / 1000 }
      await record(tx, { actorId: by, action: 'key.rotate', subject: found.username, detail })
      return (await readKey(tx, accountId, keyId)) as KeyRow
    })
    forget()
    return { key: toKey(row, nowMs), text }
  }

  /** Revokes the key of a text that somebody else has: the text is the proof. `by` says how we know, `foundAt` where it was. */
  async function revokeLeaked(
    text: string,
    { by, foundAt }: { by: string; foundAt: string | null }
  ): Promise<LeakOutcome> {
    const hash = hashKey(text)
    const outcome = await write(async (tx): Promise<LeakOutcome> => {
      const row = await readKeyByHash(tx, hash)
      if (!row) return 'unknown'
      if (row.revoked_at_ms !== null) return 'was revoked'
      // A text from before the key was rotated: its present one is in nobody else's hands.
      if (row.text_until_ms !== undefined) await deleteFormers(tx, { keyId: row.id, hash })
      else await updateKey(tx, row.id, { revoked_at_ms: BigInt(clock.nowMs()) })
      const { id: keyId, account_id: accountId, name, hint, username } = row
      const detail = { key: keyId, name, by, found_at: foundAt }
      await record(tx, { actorId: accountId, action: 'key.leaked', subject: username, detail })
      await onKeyLeaked(tx, { accountId, keyId, name, hint, foundAt })
      return 'revoked'
    })
    if (outcome === 'revoked') forget()
    return outcome
  }

  /** Has owners told of keys that grew old. */
  async function sweep(): Promise<void> {
    const nowMs = clock.nowMs()
    const oldMs = nowMs - OLD_KEY_MS
    const old = { madeBeforeMs: oldMs, toldBeforeMs: oldMs, nowMs, limit: OLD_KEYS_AT_ONCE }
    for (let told = OLD_KEYS_AT_ONCE; told === OLD_KEYS_AT_ONCE; ) {
      told = await write(async (tx) => {
        const rows = await readOldKeys(tx, old)
        for (const { id: keyId, account_id: accountId, name, hint, made_at_ms } of rows) {
          const ageDays = Math.floor((nowMs - Number(made_at_ms)) / DAY_MS)
          await updateKey(tx, keyId, { old_told_at_ms: BigInt(nowMs) })
          await onOldKey(tx, { accountId, keyId, name, hint, ageDays })
        }
        return rows.length
      })
    }
    await write((tx) => deleteFormersBefore(tx, nowMs - FORMERS_KEPT_MS))
  }

  return { rotate, revokeLeaked, sweep }
}
