import { randomInt } from 'node:crypto'

/** No vowels, so that no words come of it, and nothing that is mistaken for another (RFC 8628 6.1). */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ'
const LENGTH = 8

/** What a person types: eight letters, 34 bits, good for minutes. */
export function newUserCode(pick: (below: number) => number = (below) => randomInt(below)): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[pick(ALPHABET.length)]).join('')
}

/** As it is shown. */
export function showUserCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

/** What was typed, without case and whatever stands between; undefined where it can be no code. */
export function readUserCode(text: string): string | undefined {
  const code = text.toUpperCase().replace(/[^A-Z0-9]/g, '')
  return code.length === LENGTH && [...code].every((char) => ALPHABET.includes(char)) ? code : undefined
}
