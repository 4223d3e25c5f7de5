import { AppError } from '@caicaini/protocol'
import type { Captcha } from '../captcha/captcha.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import { nextTurn } from '../lib/next-turn.js'
import type { Mail } from '../mail/service.js'
import type { Passwords } from '../passwords/hash.js'
import type { BrowserSessions } from '../sessions/service.js'
import type { Site } from '../site/site.js'
import type { Db, Tx } from '../storage/tables.js'
import type { Throttle } from '../throttle/service.js'
import { emailKey } from './email.js'
import type { Link, Links } from './links.js'
import { putPassword, readLogin, readPerson, readProfile, updateEmail } from './store.js'
import type { Visitor } from './visitor.js'

export interface ResetDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Log
  readonly site: Site
  readonly captcha: Captcha
  readonly throttle: Throttle
  readonly passwords: Passwords
  readonly sessions: BrowserSessions
  readonly links: Links
  readonly mail: Pick<Mail, 'enqueueIn'>
  readonly record: (tx: Tx, event: { actorId: string; action: string; subject: string }) => Promise<void>
}

const HOUR_MS = 3_600_000
/** Whoever asks for many, of one name or of several, waits. */
const BY_ADDRESS = { free: 5, firstMs: 30_000, mostMs: HOUR_MS, forgetMs: HOUR_MS }
/** Nobody's letter box is filled: the last link that it got is still good then. */
const BY_ACCOUNT = { free: 4, firstMs: 20 * 60_000, mostMs: HOUR_MS, forgetMs: HOUR_MS }

/** A forgotten password is mended by who reads the account's mail. The second factor stays. */
export function createReset(deps: ResetDeps) {
  const { db, clock, log, site, captcha, throttle, passwords, sessions, links, mail, record } = deps
  const running = new Set<Promise<void>>()

  /** Beside the answer, which takes as long whether or not there is anybody to write to. */
  function beside(work: () => Promise<void>): void {
    const done = nextTurn()
      .then(work)
      .catch((error) => log.error({ error: String(error) }, 'could not make a link for a forgotten password'))
      .finally(() => running.delete(done))
    running.add(done)
  }

  async function sendLink(name: string): Promise<void> {
    const row = await readLogin(db, { usernameKey: name.toLowerCase(), emailKey: emailKey(name) })
    const profile = row && (await readProfile(db, row.id))
    if (!row || row.status === 'closed' || !profile?.email) return
    const { email } = profile
    const subject = `reset-mail:${row.id}`
    const isOften = await throttle.require(subject).then(
      () => false,
      () => true
    )
    if (isOften) return
    await throttle.fail(subject, BY_ACCOUNT)
    await db.transaction().execute(async (tx) => {
      const { token, untilMs } = await links.issueIn(tx, 'reset', { accountId: row.id, detail: { email } })
      await mail.enqueueIn(tx, { kind: 'reset', accountId: row.id, data: { token }, untilMs })
      await record(tx, { actorId: row.id, action: 'account.reset_asked', subject: row.id })
    })
  }

  /** Who reads the address has shown that it is theirs, if it still is the account's. */
  async function prove(tx: Tx, { accountId, detail }: Link<'reset'>): Promise<void> {
    const profile = await readProfile(tx, accountId)
    if (profile?.email !== detail.email || profile.email_verified_at_ms !== null) return
    await updateEmail(tx, accountId, { ...profile, email_verified_at_ms: BigInt(clock.nowMs()) })
  }

  /** Whose password a link is for; 404 where it is over. Nothing happens by it. */
  async function lookAtReset(token: string): Promise<{ readonly username: string; readonly email: string }> {
    const { accountId, detail } = await links.look('reset', token)
    const person = await readPerson(db, accountId)
    if (!person || person.status === 'closed') throw new AppError('not_found', 'token: its account is closed')
    return { username: person.username, email: detail.email }
  }

  return {
    lookAtReset,

    /** The same answer, in the same time, whoever is meant. */
    async askReset(
      ask: { readonly name: string; readonly captcha?: string | undefined },
      { address }: Visitor
    ): Promise<void> {
      const subject = `reset:${address ?? 'here'}`
      await throttle.require(subject)
      await captcha.require('reset', { token: ask.captcha, address })
      await throttle.fail(subject, BY_ADDRESS)
      beside(() => sendLink(ask.name.trim()))
    },

    /** Sets the password, and ends every session. A password that is refused leaves the link good. */
    async reset({ token, password }: { readonly token: string; readonly password: string }): Promise<void> {
      const { username, email } = await lookAtReset(token)
      await passwords.requireGood(password, { known: [username, email, new URL(site.publicUrl).hostname] })
      const hash = await passwords.hash(password)
      await db.transaction().execute(async (tx) => {
        const link = await links.useIn(tx, 'reset', token)
        const { accountId } = link
        const atMs = clock.nowMs()
        await putPassword(tx, { account_id: accountId, hash, changed_at_ms: BigInt(atMs) })
        await prove(tx, link)
        await sessions.endIn(tx, { accountId }, 'password reset')
        // Whoever was in before may have asked for another address.
        await links.voidIn(tx, accountId, ['reset', 'email'])
        await record(tx, { actorId: accountId, action: 'account.password_reset', subject: accountId })
        await mail.enqueueIn(tx, { kind: 'password_changed', accountId, data: { by: 'reset', atMs } })
      })
    },

    /** Resolves when what was begun beside an answer has ended. */
    async idle(): Promise<void> {
      await Promise.all(running)
    }
  }
}
