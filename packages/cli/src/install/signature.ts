import { createPublicKey, verify } from 'node:crypto'

/** Whether `signature` is that of `data` by the key whose SPKI form `publicKey` has in base64 (Ed25519). */
export function isSignedBy(
  publicKey: string,
  { data, signature }: { data: Uint8Array; signature: Uint8Array }
): boolean {
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
  return key.asymmetricKeyType === 'ed25519' && verify(null, data, key, signature)
}
