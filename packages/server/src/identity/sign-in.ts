import { AppError } from '@caicaini/protocol'
import type { Captcha } from '../captcha/captcha.js'
import type { Passwords } from '../passwords/hash.js'
import type { Vault } from '../secrets/vault.js'
import type { BrowserSessions } from '../sessions/service.js'
import type { Tokens } from '../sessions/tokens.js'
import type { Db, Tx } from '../storage/tables.js'
import type { Throttle } from '../throttle/service.js'
import { emailKey } from './email.js'
import { readLogin, readPassword } from './store.js'
import type { Visitor } from './visitor.js'

export interface SignInDeps {
  readonly db: Db
  readonly vault: Vault
  readonly captcha: Captcha
  readonly throttle: Throttle
  readonly passwords: Passwords
  readonly sessions: BrowserSessions
  readonly record: (tx: Tx, event: { actorId: string; action: string; subject: string }) => Promise<void>
  /** Whether an account has a second factor to be asked for, and a ticket to ask for it with. */
  readonly secondFactor: (accountId: string) => Promise<{ readonly ticket: string } | null>
  /** Told of a browser that signed in, in the same transaction: a mail may say so. */
  readonly onSignedIn: (tx: Tx, who: { accountId: string; visitor: Visitor }) => Promise<void>
}

export type SignedIn =
  | { readonly type: 'signed in'; readonly tokens: Tokens; readonly accountId: string }
  | { readonly type: 'second factor'; readonly ticket: string }

/** Whoever keeps failing from one address waits longer each time, up to a quarter of an hour. */
const BY_ADDRESS = { free: 10, firstMs: 1_000, mostMs: 900_000, forgetMs: 3_600_000 }
/** One name from one address: sooner. An attacker elsewhere cannot lock its owner out by it. */
const BY_NAME = { free: 5, firstMs: 1_000, mostMs: 900_000, forgetMs: 3_600_000 }

/** Signing in by name and password. */
export function createSignIn(deps: SignInDeps) {
  const { db, vault, captcha, throttle, passwords, sessions, record, secondFactor, onSignedIn } = deps

  /** A session for who has proven themselves, in the caller's transaction. */
  async function enterIn(tx: Tx, { accountId, visitor, factors }: Entering): Promise<Tokens> {
    const { tokens } = await sessions.beginIn(tx, { accountId, origin: visitor, factors })
    await record(tx, { actorId: accountId, action: 'account.sign_in', subject: accountId })
    await onSignedIn(tx, { accountId, visitor })
    return tokens
  }

  function enter(accountId: string, visitor: Visitor, factors: 1 | 2): Promise<Tokens> {
    return db.transaction().execute((tx) => enterIn(tx, { accountId, visitor, factors }))
  }

  /** Whether it is the password of an account, which may have none. */
  async function isPassword(accountId: string, password: string): Promise<boolean> {
    return passwords.verify(password, (await readPassword(db, accountId))?.hash)
  }

  /** The same answer, in the same time, for an unknown name and for a wrong password. */
  async function signIn(
    ask: { readonly name: string; readonly password: string; readonly captcha?: string | undefined },
    visitor: Visitor
  ): Promise<SignedIn> {
    const name = ask.name.trim()
    const address = visitor.address ?? 'here'
    // The name as it was typed, whether or not it is anyone's; hashed, for people type passwords there.
    const subjects = [
      [`login:${address}`, BY_ADDRESS],
      [`login:${address}:${vault.keyedHash('login', name.toLowerCase())}`, BY_NAME]
    ] as const
    // What is refused now counts no further.
    for (const [subject] of subjects) await throttle.require(subject)
    await captcha.require('login', { token: ask.captcha, address: visitor.address })
    // Counted before it is checked: many tries at once gain nothing.
    for (const [subject, pace] of subjects) await throttle.attempt(subject, pace)
    const row = await readLogin(db, { usernameKey: name.toLowerCase(), emailKey: emailKey(name) })
    const isRight = await passwords.verify(ask.password, row?.hash ?? undefined)
    if (!isRight || !row || row.status === 'closed') {
      throw new AppError('sign_in_failed', 'The name or the password is wrong.')
    }
    // An account of one's own must not wipe out the tries on others'.
    await throttle.forgive(subjects[0][0])
    await throttle.forget(subjects[1][0])
    const needed = await secondFactor(row.id)
    if (needed) return { type: 'second factor', ticket: needed.ticket }
    return { type: 'signed in', tokens: await enter(row.id, visitor, 1), accountId: row.id }
  }

  return { signIn, enter, enterIn, isPassword }
}

interface Entering {
  readonly accountId: string
  readonly visitor: Visitor
  /** How it was proven. */
  readonly factors: 1 | 2
}
