import { AppError } from '@caicaini/protocol'
import type { Clock } from '../lib/clock.js'
import type { BrowserSessions } from '../sessions/service.js'
import type { Site } from '../site/site.js'
import type { Db, Row, Tx } from '../storage/tables.js'
import type { Asking } from './app.js'
import type { Bound, Challenges } from './challenges.js'
import type { Note } from './changes.js'
import type { RecoveryCodes } from './codes.js'
import {
  deletePasskey,
  hasSecondFactor,
  insertPasskey,
  readPasskey,
  readPasskeys,
  renamePasskey,
  takeUse
} from './store.js'
import {
  challengeOf,
  checkAssertion,
  checkRegistration,
  isRegression,
  registrationOptions,
  relyingParty,
  requestOptions,
  userHandle,
  type WebAuthnAnswer
} from './webauthn.js'

const PASSKEYS_MAX = 20
const NAME_CHARS_MAX = 60
const TRANSPORTS_MAX = 8

export interface Passkey {
  readonly id: string
  readonly name: string
  readonly createdAtMs: number
  readonly lastUsedAtMs: number | null
}

export interface PasskeysDeps {
  readonly db: Db
  readonly clock: Clock
  readonly site: Pick<Site, 'publicUrl'>
  readonly sessions: Pick<BrowserSessions, 'stepUpIn'>
  readonly challenges: Challenges
  readonly codes: RecoveryCodes
  readonly note: Note
}

export type Passkeys = ReturnType<typeof createPasskeys>

/** An account's passkeys: a second factor beside the password, and a way in of their own. */
export function createPasskeys(deps: PasskeysDeps) {
  const { db, site, challenges } = deps

  return {
    /** Whether browsers have passkeys at all for the address that this server is reached by. */
    isPossible: (): boolean => relyingParty(site).isPossible,
    list: async (accountId: string): Promise<Passkey[]> => (await readPasskeys(db, accountId)).map(toPasskey),
    ...registering(deps),
    ...changing(deps),

    /** What a browser is asked to sign. With nobody in particular it must tell that it knows its owner. */
    async ask(bound: Bound) {
      const { accountId } = bound
      const known = accountId === null ? [] : (await readPasskeys(db, accountId)).map(toKnown)
      return requestOptions(site, { challenge: await challenges.issue(bound), known, isAlone: accountId === null })
    },

    prepare: preparing(deps)
  }
}

function registering({ db, clock, site, sessions, challenges, codes, note }: PasskeysDeps) {
  const boundTo = ({ id, account }: Asking): Bound => ({
    purpose: 'passkey register',
    accountId: account.id,
    data: id
  })

  return {
    async askNew(asking: Asking) {
      const known = (await readPasskeys(db, asking.account.id)).map(toKnown)
      const challenge = await challenges.issue(boundTo(asking))
      return registrationOptions(site, { challenge, account: asking.account, known })
    },

    /** A new one; with recovery codes where it is the account's first second factor. */
    async add(
      asking: Asking,
      { name, answer }: { name: string; answer: WebAuthnAnswer }
    ): Promise<{ readonly passkey: Passkey; readonly codes: readonly string[] | null }> {
      const { id: sessionId, account } = asking
      const isAsked = await challenges.take(challengeOf(answer), boundTo(asking))
      const credential = isAsked ? await checkRegistration(site, answer) : undefined
      if (!credential) throw new AppError('wrong_code', 'The passkey was not made as it was asked for. Try again.')
      const row: Row<'passkey'> = {
        id: credential.id,
        account_id: account.id,
        public_key: Buffer.from(credential.publicKey).toString('base64url'),
        counter: BigInt(credential.counter),
        transports: JSON.stringify((credential.transports ?? []).map(String).slice(0, TRANSPORTS_MAX)),
        name: toName(name),
        created_at_ms: BigInt(clock.nowMs()),
        last_used_at_ms: null
      }
      return db.transaction().execute(async (tx) => {
        if ((await readPasskeys(tx, account.id)).length >= PASSKEYS_MAX)
          throw new AppError('conflict', `an account has at most ${PASSKEYS_MAX} passkeys: remove one first`)
        const isFirst = !(await hasSecondFactor(tx, account.id))
        if (!(await insertPasskey(tx, row))) throw new AppError('conflict', 'this passkey is registered already')
        await note(tx, { accountId: account.id, what: 'passkey.add', detail: { passkey: row.id, name: row.name } })
        await sessions.stepUpIn(tx, sessionId, 2)
        return { passkey: toPasskey(row), codes: await codes.ensureIn(tx, account.id, isFirst) }
      })
    }
  }
}

function changing({ db, codes, note }: PasskeysDeps) {
  const missing = (id: string) => new AppError('not_found', `passkey: there is no "${id}" of yours`)

  return {
    async rename({ account }: Asking, id: string, name: string): Promise<void> {
      await db.transaction().execute(async (tx) => {
        const to = toName(name)
        if (!(await renamePasskey(tx, { accountId: account.id, id }, to))) throw missing(id)
        await note(tx, { accountId: account.id, what: 'passkey.rename', detail: { passkey: id, name: to } })
      })
    },

    async remove({ account }: Asking, id: string): Promise<void> {
      await db.transaction().execute(async (tx) => {
        if (!(await deletePasskey(tx, { accountId: account.id, id }))) throw missing(id)
        await note(tx, { accountId: account.id, what: 'passkey.remove', detail: { passkey: id } })
        await codes.dropUnneededIn(tx, account.id)
      })
    }
  }
}

/** Whose answer it is, and how its use is counted in a transaction to come; undefined for one that is not right. */
function preparing({ db, clock, site, challenges, note }: PasskeysDeps) {
  return async (
    answer: WebAuthnAnswer,
    bound: Bound
  ): Promise<{ readonly accountId: string; readonly settle: (tx: Tx) => Promise<boolean> } | undefined> => {
    // Used up by any answer: a wrong one is not tried on.
    if (!(await challenges.take(challengeOf(answer), bound))) return undefined
    const row = await readPasskey(db, answer.id)
    if (!row || (bound.accountId !== null && row.account_id !== bound.accountId)) return undefined
    const { userHandle: handle } = answer.response
    if (handle !== undefined && handle !== null && handle !== userHandle(row.account_id)) return undefined
    const isAlone = bound.accountId === null
    const counter = await checkAssertion(site, answer, { passkey: toKnown(row), isAlone })
    if (counter === undefined) return undefined
    const { id, account_id: accountId } = row
    if (isRegression({ stored: Number(row.counter), brought: counter })) {
      const detail = { passkey: id, stored: Number(row.counter), brought: counter }
      await db.transaction().execute((tx) => note(tx, { accountId, what: 'passkey.regress', detail }))
      return undefined
    }
    return { accountId, settle: (tx) => takeUse(tx, { id, counter, atMs: clock.nowMs() }) }
  }
}

function toName(text: string): string {
  const name = text.trim() || 'Passkey'
  if ([...name].length > NAME_CHARS_MAX)
    throw new AppError('invalid_request', `name: must have at most ${NAME_CHARS_MAX} characters`, { param: 'name' })
  return name
}

function toPasskey({ id, name, created_at_ms, last_used_at_ms }: Row<'passkey'>): Passkey {
  const lastUsedAtMs = last_used_at_ms === null ? null : Number(last_used_at_ms)
  return { id, name, createdAtMs: Number(created_at_ms), lastUsedAtMs }
}

function toKnown({ id, public_key: publicKey, transports }: Row<'passkey'>) {
  return { id, publicKey, transports: JSON.parse(transports) as string[] }
}
