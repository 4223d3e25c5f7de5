import { placeText } from '../../places/place.js'
import { foreign, minuteOf, type Words } from '../words.js'

export interface SignInNotice {
  readonly agent: string
  readonly address: string | null
  readonly atMs: number
}

export function signIn({ agent, address, atMs }: SignInNotice): Words {
  return {
    subject: 'a new sign-in',
    lines: ['Your account was signed in to with a browser, or from a place, that we have not seen with it before.'],
    facts: [
      ['When', minuteOf(atMs)],
      ['Browser', foreign(agent) || 'unknown'],
      ['From', placeText(address, 'the machine of the server')]
    ],
    action: { label: 'Look at your sessions', path: '/account' },
    after: ['If it was you, do nothing. If not, change the password now: that signs out every other browser.'],
    why: 'we tell of sign-ins from new places'
  }
}
