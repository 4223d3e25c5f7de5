import { dayOf, type Words } from '../words.js'

export interface Closure {
  readonly atMs: number
}

export function closure({ atMs }: Closure): Words {
  return {
    subject: 'your account is closed',
    lines: [`Your account was closed on ${dayOf(atMs)}. Its keys are revoked, and every browser is signed out.`],
    after: ['If you did not ask for it, write to whoever runs this server at once.'],
    why: 'your account was closed'
  }
}
