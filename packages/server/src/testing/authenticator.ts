import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

interface Options {
  readonly challenge: string
  readonly rpId?: string
  readonly rp?: { readonly id: string }
  readonly user?: { readonly id: string }
}

/** What a test makes an authenticator do wrongly. */
interface Tricks {
  readonly counter?: number
  readonly isUserVerified?: boolean
  readonly origin?: string
  readonly userHandle?: string
}

const UP = 0x01
const UV = 0x04
const AT = 0x40
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest()
const base64url = (data: string | Uint8Array) => Buffer.from(data).toString('base64url')

/** A passkey in software (WebAuthn, ES256, no attestation), for tests that need no browser. */
export function createAuthenticator(origin: string) {
  const id = randomBytes(16)
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  let owner: string | undefined
  let uses = 0

  const clientData = (type: string, { challenge }: Options, from = origin) =>
    Buffer.from(JSON.stringify({ type, challenge, origin: from, crossOrigin: false }))
  const head = (rpId: string, { flags, counter }: { flags: number; counter: number }) => {
    const rest = Buffer.alloc(5)
    rest.writeUInt8(flags)
    rest.writeUInt32BE(counter, 1)
    return Buffer.concat([sha256(rpId), rest])
  }

  return {
    id: base64url(id),

    create(options: Options, { isUserVerified = true, origin: from }: Tricks = {}) {
      owner = options.user?.id
      const flags = UP | AT | (isUserVerified ? UV : 0)
      const length = Buffer.from([0, id.length])
      const authData = Buffer.concat([
        head(options.rp?.id ?? '', { flags, counter: uses }),
        Buffer.alloc(16),
        length,
        id,
        coseKey(Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url'))
      ])
      const attestation = cborMap([
        [cborText('fmt'), cborText('none')],
        [cborText('attStmt'), cborMap([])],
        [cborText('authData'), cborBytes(authData)]
      ])
      return credential(id, {
        clientDataJSON: base64url(clientData('webauthn.create', options, from)),
        attestationObject: base64url(attestation),
        transports: ['internal']
      })
    },

    get(options: Options, { counter, isUserVerified = true, origin: from, userHandle }: Tricks = {}) {
      uses = counter ?? uses + 1
      const authData = head(options.rpId ?? '', { flags: UP | (isUserVerified ? UV : 0), counter: uses })
      const clientDataJSON = clientData('webauthn.get', options, from)
      const signature = sign('sha256', Buffer.concat([authData, sha256(clientDataJSON)]), privateKey)
      return credential(id, {
        clientDataJSON: base64url(clientDataJSON),
        authenticatorData: base64url(authData),
        signature: base64url(signature),
        userHandle: userHandle ?? owner
      })
    }
  }
}

function credential(id: Buffer, response: object) {
  return { id: base64url(id), rawId: base64url(id), type: 'public-key', clientExtensionResults: {}, response }
}

/** RFC 9052: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}. */
function coseKey(x: Buffer, y: Buffer): Buffer {
  const small = (byte: number) => Buffer.from([byte])
  return cborMap([
    [small(0x01), small(0x02)],
    [small(0x03), small(0x26)],
    [small(0x20), small(0x01)],
    [small(0x21), cborBytes(x)],
    [small(0x22), cborBytes(y)]
  ])
}

function cborMap(entries: readonly (readonly [Buffer, Buffer])[]): Buffer {
  return Buffer.concat([Buffer.from([0xa0 + entries.length]), ...entries.flat()])
}

function cborText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)])
}

function cborBytes(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x58, bytes.length]), bytes])
}
