import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Random } from '../lib/random.js'
import type { DataKey } from './data-key.js'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const VERSION = 'v1.'

export type Vault = ReturnType<typeof createVault>

/** Seals what must be read again, and hashes what must only be recognised. */
export function createVault({ keys, random }: { keys: readonly [DataKey, ...DataKey[]]; random: Random }) {
  const sealing = new Map(keys.map(({ id, bytes }) => [id, subkey(bytes, 'seal')]))
  const [current] = keys
  // Hashes must stay the same when a newer key comes into use: the oldest makes them.
  const hashing = subkey((keys.at(-1) ?? current).bytes, 'hash')

  function sealRaw(bytes: Uint8Array, context: string): Buffer {
    const nonce = random.bytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, sealing.get(current.id) as Buffer, nonce).setAAD(Buffer.from(context))
    return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
  }

  function openRaw({ version, id }: { version: string; id: string }, bytes: Buffer, context: string): Buffer {
    const key = sealing.get(id)
    if (version !== 'v1' || !key) throw new Error(`no key "${id}" opens this envelope`)
    const end = bytes.length - TAG_BYTES
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(context))
    decipher.setAuthTag(bytes.subarray(end))
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, end)), decipher.final()])
  }

  return {
    /**
     * An envelope: the key's name and AES-256-GCM. `context` says what it is and whose, such as
     * `totp:acct_1`; it opens under the same one alone, so that rows cannot be swapped.
     */
    seal(text: string, context: string): string {
      return `v1.${current.id}.${sealRaw(Buffer.from(text), context).toString('base64url')}`
    },

    /** The same for bytes, such as a file's: the envelope is not text. */
    sealBytes(bytes: Uint8Array, context: string): Uint8Array {
      return Buffer.concat([Buffer.from(`v1.${current.id}.`), sealRaw(bytes, context)])
    },

    /** What was sealed; throws where it was changed, belongs elsewhere, or its key is not there any more. */
    open(envelope: string, context: string): string {
      const [version = '', id = '', text = ''] = envelope.split('.')
      return openRaw({ version, id }, Buffer.from(text, 'base64url'), context).toString('utf8')
    },

    openBytes(envelope: Uint8Array, context: string): Uint8Array {
      const bytes = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength)
      const idEnd = bytes.indexOf('.', VERSION.length)
      const [version, id] = [bytes.toString('latin1', 0, 2), bytes.toString('latin1', VERSION.length, idEnd)]
      return openRaw({ version, id }, bytes.subarray(idEnd + 1), context)
    },

    /** For what can be guessed, such as addresses: nobody without the key can try all of them. Hex. */
    keyedHash: (purpose: string, text: string): string =>
      createHmac('sha256', hashing).update(`${purpose}\0${text}`).digest('hex'),

    /** A token that follows from another one: whoever has that, and the server, can make it again. */
    successor: (purpose: string, token: string): string =>
      createHmac('sha256', hashing).update(`next\0${purpose}\0${token}`).digest('base64url')
  }
}

/** What is stored of a token that cannot be guessed: 256 random bits need no key and no salt. Hex. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** In constant time, whatever the lengths. */
export function isSameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

function subkey(bytes: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', bytes, new Uint8Array(), `caicaini ${purpose}`, 32))
}
