import type { Site } from './site.js'

const DAY_MS = 86_400_000
/** RFC 9116, 2.5.5: less than a year ahead is recommended. */
const GOOD_FOR_MS = 180 * DAY_MS

/** `/.well-known/security.txt` (RFC 9116): whom to tell of a fault, and until when that holds. */
export function securityTxt({ publicUrl, securityContact, securityPolicy }: Site, nowMs: number): string {
  const expiresMs = nowMs - (nowMs % DAY_MS) + GOOD_FOR_MS
  const fields = [
    ['Contact', securityContact ?? `${publicUrl}/security/leak`],
    ['Expires', new Date(expiresMs).toISOString()],
    ...(securityPolicy === undefined ? [] : [['Policy', securityPolicy]]),
    ['Preferred-Languages', 'en'],
    ['Canonical', `${publicUrl}/.well-known/security.txt`]
  ]
  return fields.map(([name, value]) => `${name}: ${value}\n`).join('')
}
