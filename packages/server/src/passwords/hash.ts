import { type Argon2Parameters, argon2, timingSafeEqual } from 'node:crypto'
import type { Random } from '../lib/random.js'
import { requireGoodPassword } from './policy.js'

/** OWASP's and ASVS 5.0's (appendix C) least: 46 MB, once over. About 25 ms. */
const MEMORY_KB = 47_104
const PASSES = 1
const PARALLELISM = 1
const SALT_BYTES = 16
const TAG_BYTES = 32
/** Each takes 46 MB and a core: more at once would only wait for each other, and hold streams up. */
const AT_ONCE_MAX = 2

export type Passwords = ReturnType<typeof createPasswords>

/** argon2id of passwords, in the PHC text form. */
export function createPasswords({
  random,
  isPwned = async () => false
}: {
  random: Random
  /** Whether others have seen a password leak; false where nobody can be asked. */
  isPwned?: (password: string) => Promise<boolean>
}) {
  const waiting: (() => void)[] = []
  let running = 0
  /** What an unknown user's password is checked against: as long as anyone's takes. */
  const nobody = encode(random.bytes(SALT_BYTES), random.bytes(TAG_BYTES))

  async function derive(password: string, { nonce, memory, passes }: Stored): Promise<Buffer> {
    if (running >= AT_ONCE_MAX) await new Promise<void>((resolve) => void waiting.push(resolve))
    running++
    try {
      return await run({ message: password, nonce, memory, passes, parallelism: PARALLELISM, tagLength: TAG_BYTES })
    } finally {
      running--
      waiting.shift()?.()
    }
  }

  return {
    /** Refuses what is no good password for somebody of whom `known` is known. */
    requireGood: (password: string, about: { field?: string; known: readonly string[] }): Promise<void> =>
      requireGoodPassword(password, { ...about, isPwned }),

    async hash(password: string): Promise<string> {
      const nonce = random.bytes(SALT_BYTES)
      return encode(nonce, await derive(password, { nonce, memory: MEMORY_KB, passes: PASSES }))
    },

    /** Whether it is that password; with no `hash`, for an unknown user, false after as long. */
    async verify(password: string, hash: string | undefined): Promise<boolean> {
      const stored = parse(hash ?? nobody)
      return timingSafeEqual(await derive(password, stored), stored.tag) && hash !== undefined
    }
  }
}

interface Stored {
  readonly nonce: Uint8Array
  readonly memory: number
  readonly passes: number
}

/** PHC string format (P-H-C/phc-string-format): base64 without padding. */
function encode(salt: Uint8Array, tag: Uint8Array): string {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=${MEMORY_KB},t=${PASSES},p=${PARALLELISM}$${text(salt)}$${text(tag)}`
}

function parse(hash: string): Stored & { readonly tag: Buffer } {
  const found = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([^$]+)\$([^$]+)$/.exec(hash)
  if (!found) throw new Error('a stored password is no argon2id hash')
  const [, memory, passes, salt = '', tag = ''] = found
  const [nonce, expected] = [Buffer.from(salt, 'base64'), Buffer.from(tag, 'base64')]
  return { nonce, memory: Number(memory), passes: Number(passes), tag: expected }
}

function run(parameters: Argon2Parameters): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, tag) => (error ? reject(error) : resolve(Buffer.from(tag))))
  })
}
