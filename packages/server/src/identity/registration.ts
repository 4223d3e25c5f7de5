import { AppError } from '@caicaini/protocol'
import type { Account, Accounts } from '../accounts/service.js'
import type { Captcha } from '../captcha/captcha.js'
import type { Clock } from '../lib/clock.js'
import type { Passwords } from '../passwords/hash.js'
import type { Vault } from '../secrets/vault.js'
import type { BrowserSessions } from '../sessions/service.js'
import type { Tokens } from '../sessions/tokens.js'
import type { Site } from '../site/site.js'
import type { Db, Tx } from '../storage/tables.js'
import type { Throttle } from '../throttle/service.js'
import { emailKey, requireEmail } from './email.js'
import { fingerprintOf } from './fingerprint.js'
import { hasEmail, insertProfile, putPassword } from './store.js'
import { requireUsername } from './username.js'
import type { Visitor } from './visitor.js'

export interface Registration {
  readonly username: string
  readonly email?: string | undefined
  readonly password: string
  /** The age that was confirmed; none is no confirmation. */
  readonly age: 13 | 18 | null
  /** The version of the terms that were accepted. */
  readonly termsVersion: string | null
  readonly captcha?: string | undefined
}

export interface RegistrationDeps {
  readonly db: Db
  readonly clock: Clock
  readonly vault: Vault
  readonly site: Site
  readonly captcha: Captcha
  readonly throttle: Throttle
  readonly passwords: Passwords
  readonly accounts: Pick<Accounts, 'createIn'>
  readonly sessions: BrowserSessions
  readonly record: Record
  /** Looks at whether somebody has an account already, before the new one is given anything. */
  readonly judgeNewcomer: (tx: Tx, accountId: string, newcomer: Newcomer) => Promise<void>
  /** Told of a new account with an address, in the transaction that makes it: it is asked to prove the address. */
  readonly onRegistered: (tx: Tx, account: { accountId: string; email: string | null }) => Promise<void>
}

interface Newcomer {
  readonly username: string
  /** Without case. */
  readonly email: string | null
  readonly addressHash: string | null
  readonly fingerprintHash: string
}

type Record = (
  tx: Tx,
  event: { actorId: string; action: string; subject: string; detail?: { readonly [name: string]: unknown } }
) => Promise<void>

/** As many accounts from one address in a while, then each further one waits longer. */
const PACE = { free: 5, firstMs: 60_000, mostMs: 86_400_000, forgetMs: 86_400_000 }

/** Makes accounts for whoever asks: the plan Free is theirs at once, and they are signed in. */
export function createRegistration(deps: RegistrationDeps) {
  const { db, clock, vault, site, captcha, throttle, passwords, accounts, sessions, record } = deps

  async function check(ask: Registration): Promise<{ username: string; email: string | null }> {
    if (site.registration === 'closed')
      throw new AppError('scope', 'this server takes no new accounts: ask whoever runs it for one')
    const username = requireUsername(ask.username)
    const given = ask.email?.trim() ?? ''
    if (given === '' && site.email === 'required')
      throw new AppError('invalid_request', 'email: is missing; give an address such as ada@example.org', {
        param: 'email'
      })
    const email = given === '' ? null : requireEmail(given)
    const known = [
      username,
      ...(email === null ? [] : [email, ...email.split('@', 1)]),
      new URL(site.publicUrl).hostname
    ]
    await passwords.requireGood(ask.password, { known })
    if (ask.age === null)
      throw new AppError('invalid_request', 'age: confirm that you are at least 13 years old', { param: 'age' })
    if (ask.termsVersion !== site.termsVersion) {
      const why = `accept the terms of ${site.termsVersion} (${site.publicUrl}/terms)`
      throw new AppError('invalid_request', `terms: ${why}`, { param: 'terms' })
    }
    return { username, email }
  }

  async function insert(tx: Tx, { accountId, ask, email, visitor, hash }: NewPerson): Promise<void> {
    const now = BigInt(clock.nowMs())
    const { address } = visitor
    const { addressHash, fingerprintHash } = hashesOf(vault, visitor)
    await insertProfile(tx, {
      account_id: accountId,
      email,
      email_key: email === null ? null : emailKey(email),
      age: BigInt(ask.age ?? 0),
      terms_version: site.termsVersion,
      terms_accepted_at_ms: now,
      signup_address: address === null ? null : vault.seal(address, `signup:${accountId}`),
      signup_address_hash: addressHash,
      fingerprint_hash: fingerprintHash,
      created_at_ms: now
    })
    await putPassword(tx, { account_id: accountId, hash, changed_at_ms: now })
  }

  /** 409 for a name or an address that is taken; whoever would list them is slowed by the captcha and the waits. */
  async function register(ask: Registration, visitor: Visitor): Promise<{ account: Account; tokens: Tokens }> {
    const subject = `register:${visitor.address ?? 'here'}`
    await throttle.require(subject)
    const { username, email } = await check(ask)
    await captcha.require('register', { token: ask.captcha, address: visitor.address })
    const hash = await passwords.hash(ask.password)
    const made = await db.transaction().execute(async (tx) => {
      if (email !== null && (await hasEmail(tx, emailKey(email))))
        throw new AppError('conflict', `email: "${email}" has an account already; sign in, or reset its password`)
      const newcomer = { username, email: email === null ? null : emailKey(email), ...hashesOf(vault, visitor) }
      const beforePlan = (accountId: string) => deps.judgeNewcomer(tx, accountId, newcomer)
      const account = await accounts.createIn(tx, { username, beforePlan })
      await insert(tx, { accountId: account.id, ask, email, visitor, hash })
      await record(tx, { actorId: account.id, action: 'account.register', subject: username })
      await deps.onRegistered(tx, { accountId: account.id, email })
      const { tokens } = await sessions.beginIn(tx, { accountId: account.id, origin: visitor, factors: 1 })
      return { account, tokens }
    })
    if (visitor.address !== null) await throttle.fail(subject, PACE)
    return made
  }

  return { register }
}

interface NewPerson {
  readonly accountId: string
  readonly ask: Registration
  readonly email: string | null
  readonly visitor: Visitor
  readonly hash: string
}

/** Recognised, never read again. */
function hashesOf(vault: Vault, visitor: Visitor) {
  const { address } = visitor
  return {
    addressHash: address === null ? null : vault.keyedHash('address', address),
    fingerprintHash: vault.keyedHash('fingerprint', fingerprintOf(visitor))
  }
}
