import { AppError } from '@caicaini/protocol'

const LENGTH_MIN = 3
const LENGTH_MAX = 32
/** Names that would be taken for the house itself (ASVS 6.3.2: no default accounts to be had). */
const RESERVED: ReadonlySet<string> = new Set([
  'about',
  'abuse',
  'account',
  'admin',
  'administrator',
  'api',
  'billing',
  'caicaini',
  'contact',
  'device',
  'help',
  'info',
  'legal',
  'login',
  'mail',
  'moderator',
  'noreply',
  'null',
  'official',
  'operator',
  'owner',
  'postmaster',
  'privacy',
  'register',
  'root',
  'security',
  'staff',
  'status',
  'support',
  'system',
  'terms',
  'undefined',
  'webmaster',
  'www'
])

/**
 * A username that someone chose for themselves. ASCII alone: letters of other scripts that look like it would let
 * one account pass for another. Upper and lower case are kept, and no two differ in that alone.
 */
export function requireUsername(username: string): string {
  const refuse = (why: string): never => {
    throw new AppError('invalid_request', `username: ${why}`, { param: 'username' })
  }
  const foreign = [...username].find((char) => !/[ -~]/.test(char))
  if (foreign !== undefined)
    refuse(`"${foreign}" is not allowed, for it can look like another character; use a–z, 0–9, ".", "_", "-"`)
  if (username.length < LENGTH_MIN || username.length > LENGTH_MAX)
    refuse(`must have ${LENGTH_MIN} to ${LENGTH_MAX} characters, has ${username.length}`)
  if (!/^[a-z0-9](?:[a-z0-9]|[._-](?=[a-z0-9]))*$/i.test(username))
    refuse('must be of a–z, 0–9 and single ".", "_", "-" between them')
  if (RESERVED.has(username.toLowerCase())) refuse(`"${username}" is reserved; choose another`)
  return username
}
