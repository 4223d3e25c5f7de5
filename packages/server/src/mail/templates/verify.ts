import type { Words } from '../words.js'

export interface Verify {
  readonly token: string
}

export function verify({ token }: Verify): Words {
  return {
    subject: 'confirm your e-mail address',
    lines: [
      'Please confirm that this address is yours: we write to it when something changes, and with it you get in again when the password is forgotten.'
    ],
    action: { label: 'Confirm the address', path: `/verify/${token}` },
    after: [
      'The link is good for 24 hours, once. If you have no account here, do nothing: the address stays unconfirmed.'
    ],
    why: 'this address was given for an account'
  }
}
