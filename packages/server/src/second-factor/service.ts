import { AppError } from '@caicaini/protocol'
import { type AppDeps, createAuthenticatorApp } from './app.js'
import { type ChallengesDeps, createChallenges } from './challenges.js'
import { type ChangeDeps, createNote } from './changes.js'
import { createRecoveryCodes } from './codes.js'
import { createPasskeys } from './passkeys.js'
import { createPrepare } from './proofs.js'
import { hasSecondFactor } from './store.js'

export type SecondFactorDeps = Pick<AppDeps, 'vault' | 'site' | 'sessions'> & ChallengesDeps & ChangeDeps

export type SecondFactor = ReturnType<typeof createSecondFactor>

/**
 * What an account is asked for beside its password. It has a second factor as soon as it has an authenticator
 * app or a passkey; recovery codes stand in for either.
 */
export function createSecondFactor(deps: SecondFactorDeps) {
  const { db } = deps
  const note = createNote(deps)
  const challenges = createChallenges(deps)
  const codes = createRecoveryCodes({ ...deps, note })
  const app = createAuthenticatorApp({ ...deps, codes, note })
  const passkeys = createPasskeys({ ...deps, challenges, codes, note })

  return {
    challenges,
    app,
    passkeys,
    prepare: createPrepare({ app, passkeys, codes }),

    /** A ticket to send it with, for an account whose password was right; null where it has none. */
    async ticketFor(accountId: string): Promise<{ readonly ticket: string } | null> {
      if (!(await hasSecondFactor(db, accountId))) return null
      return { ticket: await challenges.issue({ purpose: 'ticket', accountId }) }
    },

    isOn: (accountId: string): Promise<boolean> => hasSecondFactor(db, accountId),

    async status(accountId: string) {
      const [hasApp, list, codesLeft] = [
        await app.isOn(accountId),
        await passkeys.list(accountId),
        await codes.left(accountId)
      ]
      return { isOn: hasApp || list.length > 0, hasApp, passkeys: list, codesLeft }
    },

    /** Ten new recovery codes; all older ones are good for nothing then. */
    newCodes: (accountId: string): Promise<readonly string[]> =>
      db.transaction().execute(async (tx) => {
        if (!(await hasSecondFactor(tx, accountId)))
          throw new AppError('conflict', 'recovery codes stand in for a second factor: set one up first')
        return codes.makeIn(tx, accountId)
      })
  }
}
