import type { Words } from '../words.js'

export interface EmailChange {
  readonly token: string
}

/** To the new address. */
export function emailChange({ token }: EmailChange): Words {
  return {
    subject: 'confirm your new e-mail address',
    lines: ['This is to be the new address of your account. It is once you have confirmed it.'],
    action: { label: 'Confirm the new address', path: `/email/confirm/${token}` },
    after: ['The link is good for 24 hours, once. If you have no account here, do nothing.'],
    why: 'the owner of an account gave this address as their new one'
  }
}
