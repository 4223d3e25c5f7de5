import { crc32 } from 'node:zlib'

/*
 * A key is `cai_api_` + 30 base62 characters (178 bits) + 6 of base62(CRC32 of those 30), the form
 * that secret scanners can check without asking us. Digits 0-9A-Za-z, left-padded with `0`.
 */
const PREFIX = 'cai_api_'
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const BODY_LENGTH = 30
const CHECKSUM_LENGTH = 6
const PATTERN = new RegExp(`^${PREFIX}[0-9A-Za-z]{${BODY_LENGTH + CHECKSUM_LENGTH}}$`)

/** A fresh key. `randomBytes` is the only source of its secrecy. */
export function generateApiKey(randomBytes: (length: number) => Uint8Array): string {
  let body = ''
  while (body.length < BODY_LENGTH) {
    // 248 = 4 × 62: bytes above it are dropped, so that every digit is equally likely.
    for (const byte of randomBytes(BODY_LENGTH)) {
      if (byte < 248 && body.length < BODY_LENGTH) body += DIGITS[byte % 62]
    }
  }
  return PREFIX + body + checksum(body)
}

/** `ok`, or what is wrong: not of a key's shape at all, or a shape whose checksum tells of a typing error. */
export function checkApiKey(text: string): 'ok' | 'malformed' | 'mistyped' {
  if (!text.startsWith(PREFIX)) return 'malformed'
  if (!PATTERN.test(text)) return 'mistyped'
  const body = text.slice(PREFIX.length, PREFIX.length + BODY_LENGTH)
  return checksum(body) === text.slice(-CHECKSUM_LENGTH) ? 'ok' : 'mistyped'
}

/** What a key may be shown as: `cai_api_1a2b…wxyz`. */
export function apiKeyHint(key: string): string {
  return `${key.slice(0, PREFIX.length + 4)}…${key.slice(-4)}`
}

function checksum(body: string): string {
  let rest = crc32(body)
  let digits = ''
  while (rest > 0) {
    digits = DIGITS[rest % 62] + digits
    rest = Math.floor(rest / 62)
  }
  return digits.padStart(CHECKSUM_LENGTH, '0')
}
