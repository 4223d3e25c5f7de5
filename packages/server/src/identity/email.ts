import { AppError } from '@caicaini/protocol'

/** RFC 5321, 4.5.3.1. */
const LENGTH_MAX = 254
const LOCAL_MAX = 64

/** An address that mail can be sent to; whether anybody reads it only a mail tells. As it was given, without space around it. */
export function requireEmail(text: string): string {
  const email = text.trim()
  const [, local = '', domain = ''] = /^([^\s@<>"(),:;[\]\\]+)@([^\s@]+)$/.exec(email) ?? []
  const isDomain = /^(?=.{1,253}$)(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}]{2,63}$/u.test(domain)
  const isLocal = local.length <= LOCAL_MAX && !local.startsWith('.') && !local.endsWith('.') && !local.includes('..')
  if (!isDomain || !isLocal || local === '' || email.length > LENGTH_MAX)
    throw new AppError('invalid_request', 'email: must be an address such as ada@example.org', { param: 'email' })
  return email
}

/** By which two addresses are the same one: nobody tells mailboxes apart by case. */
export function emailKey(email: string): string {
  return email.normalize('NFKC').toLowerCase()
}
