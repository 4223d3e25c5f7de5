import { assertNever } from '@caicaini/protocol'
import type { Tx } from '../storage/tables.js'
import type { AuthenticatorApp } from './app.js'
import type { Bound } from './challenges.js'
import type { RecoveryCodes } from './codes.js'
import type { Passkeys } from './passkeys.js'
import type { WebAuthnAnswer } from './webauthn.js'

/** What somebody brings beside a password. */
export type Proof =
  | { readonly type: 'code'; readonly code: string }
  | { readonly type: 'recovery code'; readonly code: string }
  | { readonly type: 'passkey'; readonly answer: WebAuthnAnswer }

export interface ProofsDeps {
  readonly app: AuthenticatorApp
  readonly passkeys: Passkeys
  readonly codes: RecoveryCodes
}

/**
 * Checks a proof as far as it goes without the database's lock, which no key or module may be waited for under.
 * What it gives is the rest: in the caller's transaction, true once for each proof and false for a wrong one.
 */
export function createPrepare({ app, passkeys, codes }: ProofsDeps) {
  return async (proof: Proof, bound: Bound & { accountId: string }): Promise<(tx: Tx) => Promise<boolean>> => {
    const { accountId } = bound
    switch (proof.type) {
      case 'code':
        return app.prepare(accountId, proof.code)
      case 'recovery code':
        return (tx) => codes.takeIn(tx, accountId, proof.code)
      case 'passkey': {
        const prepared = await passkeys.prepare(proof.answer, bound)
        return prepared?.settle ?? (async () => false)
      }
      default:
        return assertNever(proof)
    }
  }
}
