import { AppError } from '@caicaini/protocol'
import type { MiddlewareHandler } from 'hono'
import type { KnownEnv } from '../keys/authenticate.js'
import type { Principal } from '../keys/key.js'
import type { BrowserSessions } from '../sessions/service.js'
import type { Db, Tx } from '../storage/tables.js'
import type { Throttle } from '../throttle/service.js'
import type { Bound } from './challenges.js'
import type { Record } from './changes.js'
import type { Proof } from './proofs.js'
import { wrongProof } from './second-sign-in.js'
import type { SecondFactor } from './service.js'

export interface StepUpDeps {
  readonly db: Db
  readonly throttle: Throttle
  readonly sessions: Pick<BrowserSessions, 'isSteppedUp' | 'stepUpIn'>
  readonly factor: Pick<SecondFactor, 'isOn' | 'prepare' | 'passkeys' | 'app'>
  readonly isPassword: (accountId: string, password: string) => Promise<boolean>
  readonly record: Record
}

/** As much of a session as says how fresh its proof is, and whose it is. */
export interface SteppingSession {
  readonly id: string
  readonly steppedUpAtMs: number | null
  readonly factors: 1 | 2
  readonly account: { readonly id: string }
}

export type FreshProof = Proof | { readonly type: 'password'; readonly password: string }

export type StepUp = ReturnType<typeof createStepUp>

/**
 * By session, and so by who has one: whoever stole a browser's cookies cannot keep its owner from proving
 * themselves elsewhere. After some twenty tries it is one a day.
 */
const BY_SESSION = { free: 5, firstMs: 1_000, mostMs: 86_400_000, forgetMs: 30 * 86_400_000 }

/** What needs a fresh proof of who asks, though they are signed in. */
export function createStepUp({ db, throttle, sessions, factor, isPassword, record }: StepUpDeps) {
  /** Whether it was proven within ten minutes; by the second factor, once the account has one. */
  async function isProven(session: SteppingSession): Promise<boolean> {
    if (!sessions.isSteppedUp(session)) return false
    return session.factors === 2 || !(await factor.isOn(session.account.id))
  }

  const boundTo = ({ id, account }: SteppingSession) =>
    ({ purpose: 'passkey step-up', accountId: account.id, data: id }) as const satisfies Bound

  async function prepare(session: SteppingSession, proof: FreshProof): Promise<(tx: Tx) => Promise<boolean>> {
    if (proof.type !== 'password') return factor.prepare(proof, boundTo(session))
    const isRight = await isPassword(session.account.id, proof.password)
    return async () => isRight
  }

  return {
    isProven,

    /** Refuses who has not proven themselves of late. The owner at the machine itself has. */
    async require({ key, session, account }: Principal): Promise<void> {
      if (key.scope === 'local') return
      if (session && (await isProven({ ...session, account }))) return
      throw new AppError('step_up', 'this needs a fresh proof of who you are: POST /api/step-up, then send it again')
    },

    /** With what an account proves itself: its password alone, or its second factor. */
    async ways(accountId: string): Promise<{ password: boolean; code: boolean; passkey: boolean }> {
      const [code, passkey] = [await factor.app.isOn(accountId), (await factor.passkeys.list(accountId)).length > 0]
      return { password: !code && !passkey, code, passkey }
    },

    /** What a browser's passkey is asked to sign. */
    ask: (session: SteppingSession) => factor.passkeys.ask(boundTo(session)),

    /** Counts what was proven for the next ten minutes; throws where it is wrong. */
    async prove(session: SteppingSession, proof: FreshProof): Promise<void> {
      const { id, account } = session
      const isOn = await factor.isOn(account.id)
      if (isOn && proof.type === 'password')
        throw new AppError('invalid_request', 'password: this account has a second factor; send that', {
          param: 'password'
        })
      const subject = `step-up:${id}`
      await throttle.attempt(subject, BY_SESSION)
      const settle = await prepare(session, proof)
      const isRight = await db.transaction().execute(async (tx) => {
        if (!(await settle(tx))) return false
        await sessions.stepUpIn(tx, id, isOn ? 2 : 1)
        await record(tx, { actorId: account.id, action: 'account.step_up', subject: account.id })
        return true
      })
      if (isRight) return throttle.forget(subject)
      if (proof.type === 'password')
        throw new AppError('sign_in_failed', 'The password is wrong.', { param: 'password' })
      throw wrongProof(proof)
    }
  }
}

/** Stands before routes that change who may come in, or that mint what spends. */
export function requireStepUp(stepUp: Pick<StepUp, 'require'>): MiddlewareHandler<KnownEnv> {
  return async (c, next) => {
    await stepUp.require(c.var.principal)
    await next()
  }
}
