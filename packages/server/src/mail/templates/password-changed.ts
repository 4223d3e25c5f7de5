import { minuteOf, type Words } from '../words.js'

export interface PasswordChanged {
  /** By the link of a mail, or by who knew the one before. */
  readonly by: 'reset' | 'change'
  readonly atMs: number
}

export function passwordChanged({ by, atMs }: PasswordChanged): Words {
  const ended = by === 'reset' ? 'Every browser was signed out.' : 'Every other browser was signed out.'
  return {
    subject: 'your password was changed',
    lines: [`Your password was ${by === 'reset' ? 'set anew by a link that we mailed' : 'changed'}. ${ended}`],
    facts: [['When', minuteOf(atMs)]],
    action: { label: 'It was not me: choose a new one', path: '/reset' },
    after: ['If it was you, do nothing.'],
    why: 'we tell of every change of a password'
  }
}
