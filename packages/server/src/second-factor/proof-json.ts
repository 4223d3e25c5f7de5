import type { SecondLogin, StepUp } from '@caicaini/protocol/api'
import type { z } from '@hono/zod-openapi'
import type { Proof } from './proofs.js'
import type { FreshProof } from './step-up.js'

/** The one that was sent: the schema has made sure of it. */
export function proofOf({ code, recovery_code, passkey }: Omit<z.infer<typeof SecondLogin>, 'ticket'>): Proof {
  if (passkey !== undefined) return { type: 'passkey', answer: passkey }
  if (recovery_code !== undefined) return { type: 'recovery code', code: recovery_code }
  return { type: 'code', code: code ?? '' }
}

export function freshProofOf({ password, ...rest }: z.infer<typeof StepUp>): FreshProof {
  return password === undefined ? proofOf(rest) : { type: 'password', password }
}
