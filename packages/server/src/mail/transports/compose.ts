import type { Letter } from '../mail.js'

/** A letter as nodemailer takes it; no answer of a machine is wanted (RFC 3834). */
export function compose({ messageId, from, to, dateMs, subject, text, html }: Letter) {
  return {
    messageId,
    from,
    // An object, for a text would be parsed as a list of addresses.
    to: { name: '', address: to },
    date: new Date(dateMs),
    subject,
    text,
    html,
    headers: { 'auto-submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true
  }
}
