import { dayOf, foreign, type Words } from '../words.js'

export interface KeyOld {
  readonly name: string
  readonly hint: string
  readonly createdAtMs: number
}

export function keyOld({ name, hint, createdAtMs }: KeyOld): Words {
  return {
    subject: `your key "${foreign(name)}" is old`,
    lines: ['A key that is used for long has been in many places. It goes on working; we recommend a new one.'],
    facts: [
      ['Key', `${foreign(name)} (${hint})`],
      ['Made', dayOf(createdAtMs)]
    ],
    action: { label: 'Look at your account', path: '/account' },
    why: 'we tell once of each key that has grown old'
  }
}
