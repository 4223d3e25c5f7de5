import type { Random } from '../lib/random.js'
import { hashToken, type Vault } from '../secrets/vault.js'

/** 256 bits each; the prefixes say to people and to scanners what they found. */
const REFRESH_PREFIX = 'cai_refresh_'
const ACCESS_PREFIX = 'cai_access_'
const SECRET_BYTES = 32

export interface Tokens {
  /** Good for minutes, with every request. */
  readonly access: string
  /** Good once, for the next two. */
  readonly refresh: string
}

export function firstTokens(random: Random, vault: Vault): Tokens {
  return tokensFrom(Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url'), vault)
}

/** Those that follow a refresh token: the same for whoever brings it twice, and nothing of them is stored. */
export function nextTokens(refresh: string, vault: Vault): Tokens {
  return tokensFrom(vault.successor('refresh', refresh), vault)
}

function tokensFrom(secret: string, vault: Vault): Tokens {
  return { refresh: REFRESH_PREFIX + secret, access: ACCESS_PREFIX + vault.successor('access', secret) }
}

export function hashesOf({ access, refresh }: Tokens) {
  return { access_hash: hashToken(access), refresh_hash: hashToken(refresh) }
}

export function isAccessToken(text: string): boolean {
  return text.startsWith(ACCESS_PREFIX)
}
