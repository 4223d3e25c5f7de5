import { suspendedError } from '../keys/key.js'
import type { Ids } from '../lib/ids.js'
import type { Random } from '../lib/random.js'
import { hashToken } from '../secrets/vault.js'
import type { Tx } from '../storage/tables.js'
import { isNewOrigin } from './origin.js'
import { createRefresh, type RefreshDeps } from './refresh.js'
import {
  ACCESS_MS,
  isLive,
  type Origin,
  SESSION_MS,
  type Session,
  type SessionView,
  toSession,
  toView
} from './session.js'
import {
  deleteOld,
  endSessions,
  insertSession,
  readAccount,
  readByAccess,
  readLive,
  readOrigins,
  updateSession
} from './store.js'
import { firstTokens, hashesOf, type Tokens } from './tokens.js'

const DAY_MS = 86_400_000

/** How long proven identity lasts for what needs it proven anew. */
const STEP_UP_MS = 10 * 60_000
const KEPT_MS = 30 * DAY_MS

export interface SessionsDeps extends RefreshDeps {
  readonly ids: Ids
  readonly random: Random
  /** Whom a suspended account asks. */
  readonly appealContact?: string | undefined
}

export type BrowserSessions = ReturnType<typeof createBrowserSessions>

/** Who is signed in with a browser: a short access token, and a refresh token that is good once. */
export function createBrowserSessions({ db, clock, ids, random, vault, onReuse, appealContact }: SessionsDeps) {
  const addressContext = (id: string) => `session:${id}`

  const refresh = createRefresh({ db, clock, vault, onReuse })

  return {
    /** Signs an account in, in the caller's transaction. `factors`: how it was proven. 403 where it is suspended. */
    async beginIn(
      tx: Tx,
      { accountId, origin, factors }: { accountId: string; origin: Origin; factors: 1 | 2 }
    ): Promise<{ readonly id: string; readonly tokens: Tokens }> {
      const { username, status, standing_reason: standingReason } = await readAccount(tx, accountId)
      if (status !== 'active') throw suspendedError({ username, status, standingReason }, appealContact)
      const nowMs = clock.nowMs()
      const id = ids.next('sess')
      const tokens = firstTokens(random, vault)
      const [now, expires] = [BigInt(nowMs), BigInt(nowMs + SESSION_MS)]
      await insertSession(tx, {
        id,
        account_id: accountId,
        agent: origin.agent,
        address: origin.address === null ? null : vault.seal(origin.address, addressContext(id)),
        created_at_ms: now,
        last_used_at_ms: now,
        expires_at_ms: expires,
        rotated_at_ms: now,
        access_expires_at_ms: BigInt(nowMs + ACCESS_MS),
        stepped_up_at_ms: now,
        factors: BigInt(factors),
        ...hashesOf(tokens)
      })
      return { id, tokens }
    },

    /** The session of an access token; undefined where it is over or unknown. */
    async find(access: string): Promise<Session | undefined> {
      const row = await readByAccess(db, hashToken(access))
      const nowMs = clock.nowMs()
      if (!row || !isLive(row, nowMs) || Number(row.access_expires_at_ms) <= nowMs) return undefined
      return toSession(row)
    },

    refresh,

    async list(accountId: string): Promise<SessionView[]> {
      const nowMs = clock.nowMs()
      const rows = await readLive(db, accountId, nowMs)
      return rows
        .filter((row) => isLive(row, nowMs))
        .map((row) => toView(row, row.address === null ? null : vault.open(row.address, addressContext(row.id))))
    },

    /** Whether an account, with a session that has just begun there, had none from there before. */
    async isNewOriginIn(tx: Tx, accountId: string, origin: Origin): Promise<boolean> {
      const rows = await readOrigins(tx, accountId)
      const known = rows.map(({ id, agent, address }) => ({
        agent,
        address: address === null ? null : vault.open(address, addressContext(id))
      }))
      return isNewOrigin(origin, known)
    },

    /** Ends one session of an account, or all but one, in the caller's transaction; how many there were. */
    endIn: (
      tx: Tx,
      which: { accountId: string; id?: string; except?: string | undefined },
      reason: string
    ): Promise<number> => endSessions(tx, which, { atMs: clock.nowMs(), reason }),

    /** Ends the one that a browser had before it signed in anew. */
    replace: async ({ id, account }: Session): Promise<void> => {
      const ending = { atMs: clock.nowMs(), reason: 'replaced' }
      await db.transaction().execute((tx) => endSessions(tx, { accountId: account.id, id }, ending))
    },

    /** Its owner has just proven again who they are. */
    stepUpIn: (tx: Tx, id: string, factors: 1 | 2): Promise<void> =>
      updateSession(tx, id, { stepped_up_at_ms: BigInt(clock.nowMs()), factors: BigInt(factors) }),

    /** Whether who is signed in has proven it within the last ten minutes. */
    isSteppedUp: ({ steppedUpAtMs }: Pick<Session, 'steppedUpAtMs'>): boolean =>
      steppedUpAtMs !== null && clock.nowMs() - steppedUpAtMs <= STEP_UP_MS,

    sweep: (): Promise<void> => db.transaction().execute((tx) => deleteOld(tx, clock.nowMs() - KEPT_MS))
  }
}
