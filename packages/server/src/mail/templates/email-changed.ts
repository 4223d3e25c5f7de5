import type { Words } from '../words.js'

export interface EmailChanged {
  readonly token: string
  readonly email: string
}

/** To the address before. */
export function emailChanged({ token, email }: EmailChanged): Words {
  return {
    subject: 'your e-mail address was changed',
    lines: [`Your account has another address now: ${email}. We do not write to this one any more.`],
    action: { label: 'It was not me: undo it', path: `/email/undo/${token}` },
    after: [
      'If it was you, do nothing. If not, open the link within 72 hours: this address is put back, every browser is signed out, and you choose a new password.'
    ],
    why: 'this was the confirmed address of an account until now'
  }
}
