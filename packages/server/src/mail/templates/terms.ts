import type { Words } from '../words.js'

export interface TermsNotice {
  /** One for each thing that changes. */
  readonly sentences: readonly string[]
  /** `2026-11-28` */
  readonly day: string
}

export function terms({ sentences, day }: TermsNotice): Words {
  return {
    subject: `what changes on ${day}`,
    lines: [`Something of what your plan has will change on ${day}. Until then it stays as it is.`, ...sentences],
    action: { label: 'Look at your plan', path: '/account' },
    after: ['If you do not like it you may change or end your plan before that day.'],
    why: 'we tell at least seven days before we take something away'
  }
}
