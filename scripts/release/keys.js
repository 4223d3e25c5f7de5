import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

/** Makes a key pair; the private half goes into `file`, which only its owner may read and which must not be there yet. */
export function makeKey(file) {
  const { privateKey } = generateKeyPairSync('ed25519')
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { flag: 'wx', mode: 0o600 })
  return signerOf(privateKey)
}

/** What signs: of a file, or of the text itself, as CI has it in a variable. */
export function readSigner({ file, text }) {
  const pem = file === undefined ? text : readFileSync(file, 'utf8')
  const key = createPrivateKey(pem)
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Error('the key is not an Ed25519 key: make one with --new-key FILE')
  return signerOf(key)
}

function signerOf(key) {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64')
  return { publicKey, sign: (data) => sign(null, data, key) }
}
