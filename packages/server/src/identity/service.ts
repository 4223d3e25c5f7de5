import { AppError } from '@caicaini/protocol'
import type { BrowserSessions } from '../sessions/service.js'
import type { Db, Tx } from '../storage/tables.js'
import { createEmailChange, type EmailChangeDeps } from './email-change.js'
import { createOwnChanges, type OwnChangesDeps } from './own-changes.js'
import { createRegistration, type RegistrationDeps } from './registration.js'
import { createReset, type ResetDeps } from './reset.js'
import { createSignIn, type SignInDeps } from './sign-in.js'
import { readPerson, updateTerms } from './store.js'

export interface IdentityDeps
  extends Omit<RegistrationDeps, 'onRegistered'>,
    SignInDeps,
    ResetDeps,
    EmailChangeDeps,
    OwnChangesDeps {
  readonly db: Db
  readonly sessions: BrowserSessions
  readonly record: RegistrationDeps['record']
}

/** An account as its owner knows it. */
export interface Person {
  readonly id: string
  readonly username: string
  readonly role: string
  readonly plan: string
  readonly status: string
  readonly createdAtMs: number
  readonly email: string | null
  readonly isEmailVerified: boolean
  readonly hasPassword: boolean
  readonly age: 13 | 18 | null
  readonly termsVersion: string | null
}

export type Identity = ReturnType<typeof createIdentity>

/** Who accounts are, and how they come in. */
export function createIdentity(deps: IdentityDeps) {
  const { db, clock, site, sessions, record } = deps

  function ending(accountId: string, which: { id?: string; except?: string }): Promise<number> {
    return db.transaction().execute(async (tx: Tx) => {
      const ended = await sessions.endIn(tx, { accountId, ...which }, 'signed out')
      if (ended > 0)
        await record(tx, { actorId: accountId, action: 'account.sign_out', subject: accountId, detail: { ended } })
      return ended
    })
  }

  const emails = createEmailChange(deps)
  const onRegistered: RegistrationDeps['onRegistered'] = async (tx, { accountId, email }) => {
    if (email !== null) await emails.sendVerificationIn(tx, { accountId, email })
  }

  return {
    ...createRegistration({ ...deps, onRegistered }),
    ...createSignIn(deps),
    ...createReset(deps),
    ...emails,
    ...createOwnChanges(deps),

    async profile(accountId: string): Promise<Person> {
      const row = await readPerson(db, accountId)
      if (!row) throw new AppError('not_found', 'there is no such account')
      return {
        id: row.id,
        username: row.username,
        role: row.role,
        plan: row.plan,
        status: row.status,
        createdAtMs: Number(row.created_at_ms),
        email: row.email,
        isEmailVerified: row.email_verified_at_ms !== null,
        hasPassword: row.password_changed_at_ms !== null,
        age: row.age === null ? null : row.age === 18n ? 18 : 13,
        termsVersion: row.terms_version
      }
    },

    /** Notes that the terms in force were accepted. An account that an operator made has a profile from then on only by registering. */
    acceptTerms: (accountId: string): Promise<void> =>
      db.transaction().execute(async (tx) => {
        const version = site.termsVersion
        if (!(await updateTerms(tx, accountId, { version, nowMs: clock.nowMs() }))) return
        await record(tx, { actorId: accountId, action: 'terms.accept', subject: accountId, detail: { version } })
      }),

    /** 404 for a session that the account does not have. */
    async endSession(accountId: string, id: string): Promise<void> {
      if ((await ending(accountId, { id })) === 0)
        throw new AppError('not_found', `session: there is no "${id}" of yours`)
    },

    endOtherSessions: (accountId: string, except: string): Promise<number> => ending(accountId, { except })
  }
}
