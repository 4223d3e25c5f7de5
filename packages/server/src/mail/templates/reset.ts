import type { Words } from '../words.js'

export interface Reset {
  readonly token: string
}

export function reset({ token }: Reset): Words {
  return {
    subject: 'choose a new password',
    lines: [
      'Somebody, we hope you, asked for a new password. Open the link to choose it; every browser is signed out then.'
    ],
    action: { label: 'Choose a new password', path: `/reset/${token}` },
    after: [
      'The link is good for 30 minutes, once. If you asked for nothing, do nothing: the password stays as it is, and nobody but you has this link.'
    ],
    why: 'the page for forgotten passwords was used with your name or address'
  }
}
