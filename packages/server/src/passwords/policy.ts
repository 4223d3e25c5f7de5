import { AppError } from '@caicaini/protocol'

const LENGTH_MIN = 8
const LENGTH_MAX = 128
/** A password that has a known word in it must have this much beside it. */
const REST_MIN = 4

/**
 * Refuses what is too short, too long, known to everybody or easily guessed, and says why. Any characters are
 * good, and none are demanded (NIST SP 800-63B). Lengths are counted in characters as people see them written.
 */
export async function requireGoodPassword(
  password: string,
  {
    field = 'password',
    known,
    isPwned = async () => false
  }: { field?: string; known: readonly string[]; isPwned?: (password: string) => Promise<boolean> }
): Promise<void> {
  const refuse = (why: string): never => {
    throw new AppError('invalid_request', `${field}: ${why}`, { param: field })
  }
  const length = [...password].length
  if (length < LENGTH_MIN) refuse(`must have at least ${LENGTH_MIN} characters, has ${length}`)
  if (length > LENGTH_MAX) refuse(`must have at most ${LENGTH_MAX} characters, has ${length}`)
  const why =
    weaknessOf(password, known) ??
    ((await isCommon(password)) ? 'is among the best known passwords; choose another' : null)
  if (why !== null) refuse(why)
  if (await isPwned(password)) refuse('was leaked with others from some other place; choose another')
}

function weaknessOf(password: string, known: readonly string[]): string | null {
  const lower = password.toLowerCase()
  const distinct = new Set(lower).size
  if (distinct < 4) return `has only ${distinct} different characters; mix more`
  if (isRepeated(lower)) return 'is one piece repeated; choose another'
  if (isRun(lower)) return 'is a row of neighbours, such as 12345678 or abcdefgh; choose another'
  for (const word of ['caicaini', ...known.map((each) => each.toLowerCase())]) {
    if (word.length < 3 || !lower.includes(word)) continue
    if (lower.replaceAll(word, '').length < REST_MIN) return `is little more than "${word}", which others know of you`
  }
  return null
}

function isRepeated(text: string): boolean {
  return (text + text).indexOf(text, 1) < text.length
}

const ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'qwertzuiop', 'azertyuiop']

/** Each character the next or the one before of the alphabet, of the digits or of a keyboard's row. */
function isRun(text: string): boolean {
  const isAlong = (step: number) =>
    [...text].every((char, i) => i === 0 || (char.codePointAt(0) ?? 0) - (text.codePointAt(i - 1) ?? 0) === step)
  return (
    isAlong(1) || isAlong(-1) || ROWS.some((row) => row.includes(text) || [...row].reverse().join('').includes(text))
  )
}

let common: Promise<ReadonlySet<string>> | undefined

/** The 20,000 best known of at least eight characters (SecLists, 10-million-password-list, MIT). Read when first asked for. */
async function isCommon(password: string): Promise<boolean> {
  common ??= import('./common-passwords.json', { with: { type: 'json' } }).then(
    ({ default: list }) => new Set(list.split(' '))
  )
  return (await common).has(password.toLowerCase())
}
