import { createPublicKey, verify } from 'node:crypto'

/** A key that GitHub signs its reports with. */
export interface SigningKey {
  readonly id: string
  readonly pem: string
}

/** Whether GitHub signed these very bytes: ECDSA P-256 with SHA-256, in DER (docs, secret scanning partner program). */
export function isSigned(body: Uint8Array, { signature, key }: { signature: string; key: SigningKey }): boolean {
  try {
    return verify('sha256', body, createPublicKey(key.pem), Buffer.from(signature, 'base64'))
  } catch {
    // No key, or no signature in DER.
    return false
  }
}
