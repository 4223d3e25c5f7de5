import { AppError } from '@caicaini/protocol'
import type { Clock } from '../lib/clock.js'
import type { Mail } from '../mail/service.js'
import type { BrowserSessions } from '../sessions/service.js'
import type { Db, Row, Tx } from '../storage/tables.js'
import type { Throttle } from '../throttle/service.js'
import { emailKey, requireEmail } from './email.js'
import type { Links } from './links.js'
import { hasEmail, readProfile, updateEmail } from './store.js'

export interface EmailChangeDeps {
  readonly db: Db
  readonly clock: Clock
  readonly throttle: Throttle
  readonly sessions: BrowserSessions
  readonly links: Links
  readonly mail: Pick<Mail, 'enqueueIn'>
  readonly record: (tx: Tx, event: { actorId: string; action: string; subject: string }) => Promise<void>
}

/** As many mails of one account, then each further one waits longer. */
const PACE = { free: 5, firstMs: 60_000, mostMs: 3_600_000, forgetMs: 3_600_000 }

/** An account's address: proven, changed, and put back by who had the one before. */
export function createEmailChange({ db, clock, throttle, sessions, links, mail, record }: EmailChangeDeps) {
  async function pace(accountId: string): Promise<void> {
    const subject = `mail:${accountId}`
    await throttle.require(subject)
    await throttle.fail(subject, PACE)
  }

  async function sendVerificationIn(tx: Tx, { accountId, email }: { accountId: string; email: string }): Promise<void> {
    const { token, untilMs } = await links.issueIn(tx, 'verify', { accountId, detail: { email } })
    await mail.enqueueIn(tx, { kind: 'verify', accountId, data: { token }, untilMs })
  }

  return {
    sendVerificationIn,

    /** Another link for an address that is not proven yet; 409 where there is nothing to prove. */
    async resendVerification(accountId: string): Promise<void> {
      const { email, email_verified_at_ms } = await profileOf(db, accountId)
      if (email === null) throw new AppError('conflict', 'email: this account has none; give it one first')
      if (email_verified_at_ms !== null) throw new AppError('conflict', `email: "${email}" is confirmed already`)
      await pace(accountId)
      await db.transaction().execute((tx) => sendVerificationIn(tx, { accountId, email }))
    },

    /** Which address a link proves, or puts in another's place. Nothing happens by it. */
    lookAtVerification: async (token: string): Promise<string> => (await links.look('verify', token)).detail.email,
    lookAtEmailChange: async (token: string): Promise<string> => (await links.look('email', token)).detail.email,
    lookAtEmailUndo: async (token: string): Promise<string> => (await links.look('undo', token)).detail.email,

    async verifyEmail(token: string): Promise<void> {
      await db.transaction().execute(async (tx) => {
        const { accountId, detail } = await links.useIn(tx, 'verify', token)
        const profile = await profileOf(tx, accountId)
        if (profile.email !== detail.email)
          throw new AppError('conflict', `email: "${detail.email}" is not the account's address any more`)
        await putProven(tx, { accountId, email: detail.email, atMs: clock.nowMs() })
        await record(tx, { actorId: accountId, action: 'account.email_verified', subject: accountId })
      })
    },

    /** Sends a link to the address to be; it takes the place of the old one when that is opened. */
    async askEmailChange({ accountId, sessionId, email: text }: EmailChangeAsk): Promise<void> {
      const email = requireEmail(text)
      const { email: present } = await profileOf(db, accountId)
      if (present !== null && emailKey(present) === emailKey(email))
        throw new AppError('conflict', `email: "${email}" is the account's address already`, { param: 'email' })
      await refuseTaken(db, email)
      await pace(accountId)
      await db.transaction().execute(async (tx) => {
        const { token, untilMs } = await links.issueIn(tx, 'email', { accountId, detail: { email, sessionId } })
        await mail.enqueueIn(tx, { kind: 'email_change', accountId, to: email, data: { token }, untilMs })
        await record(tx, { actorId: accountId, action: 'account.email_asked', subject: accountId })
      })
    },

    /** The new address holds; the one before is told, and can undo it. Sessions other than the one that asked end. */
    async confirmEmailChange(token: string): Promise<void> {
      await db.transaction().execute(async (tx) => {
        const { accountId, detail } = await links.useIn(tx, 'email', token)
        const before = await profileOf(tx, accountId)
        await refuseTaken(tx, detail.email)
        await putProven(tx, { accountId, email: detail.email, atMs: clock.nowMs() })
        await sessions.endIn(tx, { accountId, except: detail.sessionId }, 'e-mail changed')
        // They were sent to the address before.
        await links.voidIn(tx, accountId, ['reset', 'verify'])
        await record(tx, { actorId: accountId, action: 'account.email_changed', subject: accountId })
        // An address that nobody proved may be a stranger's: they must not be handed a way in.
        if (before.email === null || before.email_verified_at_ms === null) return
        const undo = await links.issueIn(tx, 'undo', { accountId, detail: { email: before.email } })
        const data = { token: undo.token, email: detail.email }
        const ask = { accountId, to: before.email, data, untilMs: undo.untilMs }
        await mail.enqueueIn(tx, { kind: 'email_changed', ...ask })
      })
    },

    /** The address before holds again, whatever came since; every session ends. */
    async undoEmailChange(token: string): Promise<void> {
      await db.transaction().execute(async (tx) => {
        const { accountId, detail } = await links.useIn(tx, 'undo', token)
        const profile = await profileOf(tx, accountId)
        if (profile.email_key !== emailKey(detail.email)) await refuseTaken(tx, detail.email)
        await putProven(tx, { accountId, email: detail.email, atMs: clock.nowMs() })
        await sessions.endIn(tx, { accountId }, 'e-mail change undone')
        await links.voidIn(tx, accountId, ['reset', 'verify', 'email'])
        await record(tx, { actorId: accountId, action: 'account.email_undone', subject: accountId })
      })
    }
  }
}

export interface EmailChangeAsk {
  readonly accountId: string
  readonly sessionId: string
  readonly email: string
}

async function profileOf(db: Db, accountId: string): Promise<Row<'profile'>> {
  const profile = await readProfile(db, accountId)
  if (profile) return profile
  throw new AppError('conflict', 'email: this account was made by an operator, and has no address to change')
}

async function refuseTaken(db: Db, email: string): Promise<void> {
  if (await hasEmail(db, emailKey(email)))
    throw new AppError('conflict', `email: "${email}" has an account already`, { param: 'email' })
}

/** Puts an address in the place of what is there; it is proven, for who reads it opened a link. */
async function putProven(
  tx: Tx,
  { accountId, email, atMs }: { accountId: string; email: string; atMs: number }
): Promise<void> {
  await updateEmail(tx, accountId, { email, email_key: emailKey(email), email_verified_at_ms: BigInt(atMs) })
}
