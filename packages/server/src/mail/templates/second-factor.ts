import { minuteOf, type Words } from '../words.js'

export interface SecondFactorChanged {
  /** What happened, as the end of a sentence: `an authenticator app was added`. */
  readonly what: string
  readonly atMs: number
}

export function secondFactor({ what, atMs }: SecondFactorChanged): Words {
  return {
    subject: 'your second factor was changed',
    lines: [`Of how you prove who you are, something changed: ${what}.`],
    facts: [['When', minuteOf(atMs)]],
    action: { label: 'Look at your account', path: '/account' },
    after: ['If it was you, do nothing. If not, change the password now and end all other sessions.'],
    why: 'we tell of every change of how you sign in'
  }
}
