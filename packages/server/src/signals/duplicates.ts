/** What is known of an account that is about to be made. */
export interface Newcomer {
  readonly username: string
  readonly email: string | null
  readonly addressHash: string | null
  readonly fingerprintHash: string | null
}

/** An account that is there already, and may be the same person's. */
export interface Resembling extends Newcomer {
  readonly id: string
}

export interface DuplicateScore {
  readonly score: number
  /** Whole sentences, for the operator. */
  readonly reasons: readonly string[]
}

/** From this on an operator is told; from what the configuration says on, free credits wait. */
export const TOLD_FROM = 40

/** Mail that is thrown away: the best known of a thousand. */
const DISPOSABLE = new Set([
  ...['10minutemail.com', 'dispostable.com', 'fakeinbox.com', 'getnada.com', 'guerrillamail.com', 'mailcatch.com'],
  ...['maildrop.cc', 'mailinator.com', 'mailnesia.com', 'mintemail.com', 'mohmal.com', 'moakt.com', 'sharklasers.com'],
  ...[
    'spamgourmet.com',
    'temp-mail.org',
    'tempail.com',
    'tempmail.com',
    'throwawaymail.com',
    'trashmail.com',
    'yopmail.com'
  ]
])

/** What a name is without what people count up: figures and separators. */
export function baseOf(name: string): string {
  return name.toLowerCase().replace(/[\d._-]+/g, '')
}

/** A mailbox without its tag, its dots and its figures, at its domain. */
export function mailboxOf(email: string): { readonly base: string; readonly domain: string } {
  const [local = '', domain = ''] = email.toLowerCase().split('@')
  return { base: baseOf(local.split('+', 1)[0] ?? ''), domain }
}

/** How likely a newcomer has an account already: a guess, made of what each sign alone says little of. */
export function scoreDuplicate(newcomer: Newcomer, others: readonly Resembling[]): DuplicateScore {
  const { username, email, addressHash, fingerprintHash } = newcomer
  const near = others.filter((other) => addressHash !== null && other.addressHash === addressHash)
  const twins = near.filter((other) => other.fingerprintHash === fingerprintHash)
  const named = near.filter((other) => baseOf(username).length > 3 && baseOf(other.username) === baseOf(username))
  const mailed =
    email === null ? [] : others.filter((other) => other.email !== null && isSameMailbox(email, other.email))
  const isDisposable = email !== null && DISPOSABLE.has(mailboxOf(email).domain)
  const signs: readonly (readonly [points: number, reason: string])[] = [
    [near.length === 0 ? 0 : Math.min(50, 15 + 10 * near.length), `${accounts(near)} signed up from the same address`],
    [twins.length === 0 ? 0 : 20, `${accounts(twins)} of those with a browser of the same traits`],
    [named.length === 0 ? 0 : 25, `${accounts(named)} of those with a name like it`],
    [mailed.length === 0 ? 0 : 40, `${accounts(mailed)} with the same mailbox but for dots, tags and figures`],
    [isDisposable ? 30 : 0, 'the e-mail address is of a service for throwing away']
  ]
  const found = signs.filter(([points]) => points > 0)
  return { score: found.reduce((sum, [points]) => sum + points, 0), reasons: found.map(([, reason]) => reason) }
}

function isSameMailbox(a: string, b: string): boolean {
  const [one, two] = [mailboxOf(a), mailboxOf(b)]
  return one.domain === two.domain && one.base.length > 3 && one.base === two.base
}

function accounts(found: readonly unknown[]): string {
  return found.length === 1 ? 'one account' : `${found.length} accounts`
}
