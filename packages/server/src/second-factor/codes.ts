import type { Clock } from '../lib/clock.js'
import type { Random } from '../lib/random.js'
import { hashToken } from '../secrets/vault.js'
import type { Db, Tx } from '../storage/tables.js'
import type { Note } from './changes.js'
import { CODES, newRecoveryCode, plainRecoveryCode } from './recovery-codes.js'
import { countCodesLeft, hasSecondFactor, replaceCodes, takeCode } from './store.js'

export interface CodesDeps {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly note: Note
}

export type RecoveryCodes = ReturnType<typeof createRecoveryCodes>

/** The ten codes that let an owner in who lost everything else; their texts are returned once, and never stored. */
export function createRecoveryCodes({ db, clock, random, note }: CodesDeps) {
  const hash = (code: string) => hashToken(plainRecoveryCode(code))

  async function makeIn(tx: Tx, accountId: string): Promise<readonly string[]> {
    const codes = Array.from({ length: CODES }, () => newRecoveryCode(random))
    await replaceCodes(tx, accountId, codes.map(hash), clock.nowMs())
    await note(tx, { accountId, what: 'recovery_codes.make' })
    return codes
  }

  return {
    makeIn,

    /** Ten new ones, where the account came to its first second factor just now; else null. */
    ensureIn: async (tx: Tx, accountId: string, isFirst: boolean): Promise<readonly string[] | null> =>
      isFirst ? makeIn(tx, accountId) : null,

    /** They end with the last second factor that they stand in for. */
    async dropUnneededIn(tx: Tx, accountId: string): Promise<void> {
      if (!(await hasSecondFactor(tx, accountId))) await replaceCodes(tx, accountId, [], clock.nowMs())
    },

    async takeIn(tx: Tx, accountId: string, code: string): Promise<boolean> {
      if (!(await takeCode(tx, { accountId, hash: hash(code), atMs: clock.nowMs() }))) return false
      await note(tx, { accountId, what: 'recovery_code.use', detail: { left: await countCodesLeft(tx, accountId) } })
      return true
    },

    left: (accountId: string): Promise<number> => countCodesLeft(db, accountId)
  }
}
