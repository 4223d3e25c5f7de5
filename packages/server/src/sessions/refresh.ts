import type { Clock } from '../lib/clock.js'
import { hashToken, type Vault } from '../secrets/vault.js'
import type { Db, Tx } from '../storage/tables.js'
import { ACCESS_MS, isLive, type Session, toSession } from './session.js'
import { endSessions, type KnownSessionRow, readByRefresh, readSession, readSpent, rotate } from './store.js'
import { hashesOf, nextTokens, type Tokens } from './tokens.js'

/**
 * Two tabs refresh at once, or an answer is lost on its way: for so long the token that was just rotated yields
 * the same successor again (RFC 9700 4.14.2 asks for detection; peers that had no grace signed honest people out).
 */
const GRACE_MS = 30_000

export interface RefreshDeps {
  readonly db: Db
  readonly clock: Clock
  readonly vault: Vault
  /** Told when a token that was rotated away came again: somebody has it who should not. */
  readonly onReuse: (tx: Tx, session: { accountId: string; id: string }) => Promise<void>
}

export interface Refreshed {
  readonly session: Session
  readonly tokens: Tokens
}

type Found = Refreshed | { readonly reused: KnownSessionRow } | undefined

/**
 * The next two tokens for a refresh token; undefined where it is good for nothing. One that was rotated away
 * ends its session: which of the two who hold it is the thief cannot be told (ASVS 10.4.5).
 */
export function createRefresh({ db, clock, vault, onReuse }: RefreshDeps) {
  async function look(tx: Tx, refresh: string): Promise<Found> {
    const nowMs = clock.nowMs()
    const hash = hashToken(refresh)
    const row = await readByRefresh(tx, hash)
    if (!row) return lookAmongSpent(tx, hash)
    if (!isLive(row, nowMs)) return undefined
    const tokens = nextTokens(refresh, vault)
    if (row.previous_hash === hash) {
      const isHonest = nowMs - Number(row.rotated_at_ms) <= GRACE_MS
      return isHonest ? { session: toSession(row), tokens } : { reused: row }
    }
    const times = { access_expires_at_ms: BigInt(nowMs + ACCESS_MS), rotated_at_ms: BigInt(nowMs) }
    // Where another request was first, it has put the very same tokens there.
    await rotate(tx, row, { ...hashesOf(tokens), ...times })
    return { session: toSession(row), tokens }
  }

  async function lookAmongSpent(tx: Tx, hash: string): Promise<Found> {
    const id = await readSpent(tx, hash)
    const reused = id === undefined ? undefined : await readSession(tx, id)
    return reused?.ended_at_ms === null ? { reused } : undefined
  }

  return async (refresh: string): Promise<Refreshed | undefined> => {
    const found = await db.transaction().execute((tx) => look(tx, refresh))
    if (!found || 'session' in found) return found
    // In a transaction of its own, so that it stands whatever becomes of the refusal.
    await db.transaction().execute(async (tx) => {
      const session = { accountId: found.reused.account_id, id: found.reused.id }
      await endSessions(tx, session, { atMs: clock.nowMs(), reason: 'reuse' })
      await onReuse(tx, session)
    })
    return undefined
  }
}
