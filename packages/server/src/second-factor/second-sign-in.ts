import { AppError } from '@caicaini/protocol'
import type { Visitor } from '../identity/visitor.js'
import { hashToken } from '../secrets/vault.js'
import type { Tokens } from '../sessions/tokens.js'
import type { Db, Tx } from '../storage/tables.js'
import type { Throttle } from '../throttle/service.js'
import type { Bound } from './challenges.js'
import type { Record } from './changes.js'
import type { Proof } from './proofs.js'
import type { SecondFactor } from './service.js'
import type { WebAuthnAnswer } from './webauthn.js'

export interface SecondSignInDeps {
  readonly db: Db
  readonly throttle: Throttle
  readonly factor: Pick<SecondFactor, 'challenges' | 'passkeys' | 'prepare' | 'app'>
  readonly enterIn: (tx: Tx, who: { accountId: string; visitor: Visitor; factors: 1 | 2 }) => Promise<Tokens>
  readonly record: Record
}

/**
 * Codes of an app alone, for nothing else here can be guessed. Who gets so far has the password; after some twenty
 * tries it is one a day, of a million with three right ones. An owner who is held up by that still has
 * recovery codes, passkeys, and a new password, which ends the other's tickets.
 */
const BY_ACCOUNT = { free: 5, firstMs: 1_000, mostMs: 86_400_000, forgetMs: 30 * 86_400_000 }
const BY_ADDRESS = { free: 20, firstMs: 1_000, mostMs: 900_000, forgetMs: 3_600_000 }

export type SecondSignIn = ReturnType<typeof createSecondSignIn>

/** The second half of a sign-in, and the sign-in by a passkey, which needs no first one. */
export function createSecondSignIn({ db, throttle, factor, enterIn, record }: SecondSignInDeps) {
  const { challenges, passkeys } = factor
  const over = () => new AppError('sign_in_failed', 'This sign-in took too long, or was ended: begin again.')

  async function accountOf(ticket: string): Promise<string> {
    const accountId = (await challenges.find(ticket, 'ticket'))?.accountId
    if (!accountId) throw over()
    return accountId
  }

  const boundTo = (ticket: string, accountId: string) =>
    ({ purpose: 'passkey second', accountId, data: hashToken(ticket) }) as const satisfies Bound

  /** Refuses an address that keeps failing at one thing, and counts where `work` fails. */
  async function counted<T>(what: string, { address }: Visitor, work: () => Promise<T>): Promise<T> {
    const subject = `${what}:${address ?? 'here'}`
    await throttle.require(subject)
    try {
      return await work()
    } catch (error) {
      if (error instanceof AppError && error.code !== 'rate_limit') await throttle.fail(subject, BY_ADDRESS)
      throw error
    }
  }

  async function finish({ ticket, proof, accountId }: Finishing, visitor: Visitor): Promise<Tokens> {
    const subject = `second:account:${accountId}`
    if (proof.type === 'code') await throttle.attempt(subject, BY_ACCOUNT)
    const settle = await factor.prepare(proof, boundTo(ticket, accountId))
    const tokens = await db.transaction().execute(async (tx) => {
      if (!(await settle(tx))) return undefined
      // Last, so that a wrong code does not end it; thrown, so that a right one is not used up for nothing.
      if (!(await challenges.takeIn(tx, ticket, { purpose: 'ticket', accountId }))) throw over()
      return enterIn(tx, { accountId, visitor, factors: 2 })
    })
    if (!tokens) {
      const event = { actorId: accountId, action: 'second_factor.refuse', subject: accountId }
      await db.transaction().execute((tx) => record(tx, { ...event, detail: { by: proof.type } }))
      throw wrongProof(proof)
    }
    await throttle.forget(subject)
    return tokens
  }

  async function byPasskey(answer: WebAuthnAnswer, visitor: Visitor): Promise<Tokens> {
    const prepared = await passkeys.prepare(answer, { purpose: 'passkey sign-in', accountId: null })
    const tokens =
      prepared &&
      (await db.transaction().execute(async (tx) => {
        const { accountId, settle } = prepared
        return (await settle(tx)) ? enterIn(tx, { accountId, visitor, factors: 2 }) : undefined
      }))
    if (!tokens) throw new AppError('sign_in_failed', 'This passkey is not known here, or its answer came too late.')
    return tokens
  }

  return {
    /** What the account of a ticket can be asked for. */
    async ways(ticket: string): Promise<{ readonly code: boolean; readonly passkey: boolean }> {
      const accountId = await accountOf(ticket)
      return { code: await factor.app.isOn(accountId), passkey: (await passkeys.list(accountId)).length > 0 }
    },

    /** What a browser's passkey is asked to sign: of the account of a ticket, else of whoever has one. */
    async ask(ticket: string | undefined) {
      if (ticket === undefined) return passkeys.ask({ purpose: 'passkey sign-in', accountId: null })
      return passkeys.ask(boundTo(ticket, await accountOf(ticket)))
    },

    async finish(ask: Omit<Finishing, 'accountId'>, visitor: Visitor): Promise<Tokens> {
      // A ticket cannot be guessed: who has none is refused without being counted, and holds nobody up.
      const accountId = await accountOf(ask.ticket)
      return counted('second:from', visitor, () => finish({ ...ask, accountId }, visitor))
    },

    byPasskey: (answer: WebAuthnAnswer, visitor: Visitor): Promise<Tokens> =>
      counted('passkey:from', visitor, () => byPasskey(answer, visitor))
  }
}

interface Finishing {
  readonly ticket: string
  readonly proof: Proof
  readonly accountId: string
}

export function wrongProof({ type }: Proof): AppError {
  const message =
    type === 'passkey'
      ? 'The passkey was not accepted. Try again, or use another way.'
      : `The ${type} is wrong, or was used before.`
  return new AppError('wrong_code', message, { param: type === 'recovery code' ? 'recovery_code' : type })
}
