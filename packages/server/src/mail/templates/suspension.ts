import type { Words } from '../words.js'

export interface Suspension {
  readonly reason: string
}

export function suspension({ reason }: Suspension): Words {
  return {
    subject: 'your account is suspended',
    lines: [
      'Your account was suspended: its keys are refused. Your credits stay where they are.',
      `The reason: ${reason}`
    ],
    after: ['Answer whoever runs this server if you think that it is wrong.'],
    why: 'your account was suspended'
  }
}
