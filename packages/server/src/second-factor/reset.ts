import { AppError } from '@caicaini/protocol'
import type { BrowserSessions } from '../sessions/service.js'
import type { Db, Tx } from '../storage/tables.js'
import type { ChangeDeps, Record } from './changes.js'
import { deleteAll, readSubject } from './store.js'

type Fields = { readonly [name: string]: unknown }

export interface FactorResetDeps {
  readonly db: Db
  readonly sessions: Pick<BrowserSessions, 'endIn'>
  readonly record: (tx: Tx, event: Parameters<Record>[1] & { was: Fields; became: Fields }) => Promise<void>
  /** Whether one may act on the account of another. */
  readonly outranks: (by: { readonly role: string }, other: { readonly role: string }) => boolean
  readonly onChanged: ChangeDeps['onChanged']
}

export interface ResetAsked {
  /** Why, and how it was made sure who asks: for the log. */
  readonly reason: string
  readonly by: { readonly id: string; readonly role: string }
}

/** What was there, and is no more. */
export interface Removed {
  readonly hasApp: boolean
  readonly passkeys: number
  readonly codes: number
  readonly sessions: number
}

export type FactorReset = ReturnType<typeof createFactorReset>

/**
 * For an owner who lost phone, passkeys and recovery codes: an operator takes the second factor away. All browsers are
 * signed out, the owner is told by mail, and the password stays what it was; keys are left alone, for they are proven
 * by themselves.
 */
export function createFactorReset({ db, sessions, record, outranks, onChanged }: FactorResetDeps) {
  return {
    reset: (username: string, { reason, by }: ResetAsked): Promise<Removed> =>
      db.transaction().execute(async (tx) => {
        const subject = await readSubject(tx, username)
        if (!subject) throw new AppError('not_found', `username: there is no account "${username}"`)
        if (!outranks(by, subject) || by.id === subject.id)
          throw new AppError('scope', `username: "${username}" is not yours to decide on`)
        const { id: accountId } = subject
        const { hasApp, passkeys, codes } = await deleteAll(tx, accountId)
        if (!hasApp && passkeys === 0) throw new AppError('conflict', `username: "${username}" has no second factor`)
        const ended = await sessions.endIn(tx, { accountId }, 'second_factor.reset')
        await record(tx, {
          actorId: by.id,
          action: 'second_factor.reset',
          subject: username,
          detail: { reason, sessions: ended },
          was: { totp: hasApp, passkeys, recovery_codes: codes },
          became: { totp: false, passkeys: 0, recovery_codes: 0 }
        })
        await onChanged(tx, { accountId, what: 'second_factor.reset' })
        return { hasApp, passkeys, codes, sessions: ended }
      })
  }
}
