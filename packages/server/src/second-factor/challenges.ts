import type { Clock } from '../lib/clock.js'
import type { Random } from '../lib/random.js'
import { hashToken } from '../secrets/vault.js'
import type { Db, Tx } from '../storage/tables.js'
import { deleteExpired, insertChallenge, readLiveChallenge, useChallenge } from './challenge-store.js'

const MINUTE_MS = 60_000
const TOKEN_BYTES = 32

/** What each is for, and for how long it is good: a ticket to send a second factor with, and passkeys' challenges. */
const LIFE_MS = {
  ticket: 10 * MINUTE_MS,
  'passkey sign-in': 5 * MINUTE_MS,
  'passkey second': 5 * MINUTE_MS,
  'passkey step-up': 5 * MINUTE_MS,
  'passkey register': 5 * MINUTE_MS
} as const
export type Purpose = keyof typeof LIFE_MS

/** To what an answer is bound. */
export interface Bound {
  readonly purpose: Purpose
  /** Null where it is not known yet whose it will be. */
  readonly accountId: string | null
  /** What else it belongs to, such as a session. */
  readonly data?: string
}

export interface ChallengesDeps {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
}

export type Challenges = ReturnType<typeof createChallenges>

/** Texts that cannot be guessed, each for one purpose, for minutes, and good once. */
export function createChallenges({ db, clock, random }: ChallengesDeps) {
  async function find(on: Db, token: string, purpose: Purpose) {
    const row = await readLiveChallenge(on, { hash: hashToken(token), purpose, nowMs: clock.nowMs() })
    return row && { hash: row.hash, accountId: row.account_id, data: row.data }
  }

  /** Uses one up; undefined where it is over, was used, or is bound to something else. */
  async function takeIn(tx: Tx, token: string, { purpose, accountId, data = '' }: Bound): Promise<boolean> {
    const found = await find(tx, token, purpose)
    if (!found || found.accountId !== accountId || found.data !== data) return false
    return useChallenge(tx, found.hash, clock.nowMs())
  }

  return {
    async issue({ purpose, accountId, data = '' }: Bound): Promise<string> {
      const token = Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url')
      const nowMs = clock.nowMs()
      await db.transaction().execute(async (tx) => {
        await deleteExpired(tx, nowMs)
        await insertChallenge(tx, {
          hash: hashToken(token),
          purpose,
          account_id: accountId,
          data,
          created_at_ms: BigInt(nowMs),
          expires_at_ms: BigInt(nowMs + LIFE_MS[purpose])
        })
      })
      return token
    },

    /** Whose it is, while it is good. */
    find: (token: string, purpose: Purpose) => find(db, token, purpose),
    takeIn,
    take: (token: string, bound: Bound): Promise<boolean> => db.transaction().execute((tx) => takeIn(tx, token, bound))
  }
}
