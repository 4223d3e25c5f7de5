import { foreign, minuteOf, type Words } from '../words.js'

export interface KeyLeaked {
  readonly name: string
  readonly hint: string
  /** Where it was found. */
  readonly where: string
  readonly atMs: number
}

export function keyLeaked({ name, hint, where, atMs }: KeyLeaked): Words {
  return {
    subject: `your key "${foreign(name)}" leaked and was revoked`,
    lines: [
      'One of your keys was found where others can read it. We have revoked it: nobody can spend with it any more.'
    ],
    facts: [
      ['Key', `${foreign(name)} (${hint})`],
      ['Found', foreign(where)],
      ['Revoked', minuteOf(atMs)]
    ],
    action: { label: 'Look at your usage', path: '/account' },
    after: ['Make a new key where you need one, and look whether the old one was used by somebody else.'],
    why: 'a key of yours was revoked without your doing'
  }
}
