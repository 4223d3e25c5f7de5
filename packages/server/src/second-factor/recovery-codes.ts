import type { Random } from '../lib/random.js'

export const CODES = 10
/** 120 bits: beyond guessing, so that a plain SHA-256 of it may be stored (ASVS 6.5.2). */
const CODE_BYTES = 15
/** Crockford's base32: no letter that is taken for a digit or for another letter. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const GROUP = 4

/** A code as it is shown, such as `7KQ2-…`, in six groups of four. */
export function newRecoveryCode(random: Random): string {
  const bits = [...random.bytes(CODE_BYTES)].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const chars = (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five, 2)]).join('')
  return (chars.match(new RegExp(`.{${GROUP}}`, 'g')) ?? []).join('-')
}

/** The same text for one code, however it was typed. */
export function plainRecoveryCode(typed: string): string {
  return typed
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
}
