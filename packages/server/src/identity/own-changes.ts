import { AppError } from '@caicaini/protocol'
import type { Clock } from '../lib/clock.js'
import type { Mail } from '../mail/service.js'
import type { Passwords } from '../passwords/hash.js'
import type { BrowserSessions } from '../sessions/service.js'
import type { Site } from '../site/site.js'
import type { Db, Tx } from '../storage/tables.js'
import type { Throttle } from '../throttle/service.js'
import type { Links } from './links.js'
import { hasUsername, putPassword, readPassword, readPerson, updateUsername } from './store.js'
import { requireUsername } from './username.js'

export interface OwnChangesDeps {
  readonly db: Db
  readonly clock: Clock
  readonly site: Site
  readonly throttle: Throttle
  readonly passwords: Passwords
  readonly sessions: BrowserSessions
  readonly links: Links
  readonly mail: Pick<Mail, 'enqueueIn'>
  /** Keys are remembered with the name of their account: called after it has changed. */
  readonly forgetKeys: () => void
  readonly record: (
    tx: Tx,
    event: { actorId: string; action: string; subject: string; detail?: { readonly [name: string]: unknown } }
  ) => Promise<void>
}

/** Who tries passwords in a session that they found open. */
const WRONG_PASSWORD = { free: 5, firstMs: 1_000, mostMs: 900_000, forgetMs: 3_600_000 }
const RENAME = { free: 3, firstMs: 86_400_000, mostMs: 30 * 86_400_000, forgetMs: 30 * 86_400_000 }

/** What the owner of an account changes of it. */
export function createOwnChanges(deps: OwnChangesDeps) {
  const { db, clock, site, throttle, passwords, sessions, links, mail, forgetKeys, record } = deps

  async function requireCurrent(accountId: string, sessionId: string, password: string): Promise<void> {
    const subject = `password:${sessionId}`
    await throttle.require(subject)
    const row = await readPassword(db, accountId)
    if (!row) throw new AppError('conflict', 'current: this account has no password; set one by a mailed link')
    if (!(await passwords.verify(password, row.hash))) {
      await throttle.fail(subject, WRONG_PASSWORD)
      throw new AppError('invalid_request', 'current: this is not the present password', { param: 'current' })
    }
    await throttle.forget(subject)
  }

  async function personOf(accountId: string) {
    const person = await readPerson(db, accountId)
    if (!person) throw new AppError('not_found', 'there is no such account')
    return person
  }

  return {
    /** Takes the password in use; every other session ends. */
    async changePassword({ accountId, sessionId, current, password }: PasswordChange): Promise<void> {
      await requireCurrent(accountId, sessionId, current)
      const { username, email } = await personOf(accountId)
      if (password === current)
        throw new AppError('invalid_request', 'password: is the one that you have; choose another', {
          param: 'password'
        })
      const known = [username, ...(email === null ? [] : [email]), new URL(site.publicUrl).hostname]
      await passwords.requireGood(password, { known })
      const hash = await passwords.hash(password)
      await db.transaction().execute(async (tx) => {
        const atMs = clock.nowMs()
        await putPassword(tx, { account_id: accountId, hash, changed_at_ms: BigInt(atMs) })
        await sessions.endIn(tx, { accountId, except: sessionId }, 'password changed')
        await links.voidIn(tx, accountId, ['reset'])
        await record(tx, { actorId: accountId, action: 'account.password_changed', subject: accountId })
        await mail.enqueueIn(tx, { kind: 'password_changed', accountId, data: { by: 'change', atMs } })
      })
    },

    /** 409 for a name that is taken; its own in another case is free. */
    async rename({ accountId, username: text }: { accountId: string; username: string }): Promise<void> {
      const username = requireUsername(text)
      const before = await personOf(accountId)
      if (before.username === username) return
      const subject = `rename:${accountId}`
      await throttle.require(subject)
      await db.transaction().execute(async (tx) => {
        const isOwn = before.username.toLowerCase() === username.toLowerCase()
        if (!isOwn && (await hasUsername(tx, username.toLowerCase())))
          throw new AppError('conflict', `username: "${username}" is taken`, { param: 'username' })
        await updateUsername(tx, accountId, username)
        const detail = { from: before.username, to: username }
        await record(tx, { actorId: accountId, action: 'account.rename', subject: username, detail })
      })
      forgetKeys()
      await throttle.fail(subject, RENAME)
    }
  }
}

export interface PasswordChange {
  readonly accountId: string
  readonly sessionId: string
  readonly current: string
  readonly password: string
}
