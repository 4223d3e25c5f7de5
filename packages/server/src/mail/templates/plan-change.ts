import { dayOf, type Words } from '../words.js'

export interface PlanChange {
  readonly from: string
  readonly to: string
  /** From when on it holds. */
  readonly fromMs: number
  readonly isNow: boolean
}

export function planChange({ from, to, fromMs, isNow }: PlanChange): Words {
  return {
    subject: `your plan ${isNow ? 'is' : 'will be'} ${to}`,
    lines: [
      isNow
        ? `Your plan was changed from ${from} to ${to}. It holds from now on.`
        : `Your plan changes from ${from} to ${to} on ${dayOf(fromMs)}. Until then everything stays as it is.`
    ],
    action: { label: 'Look at your plan', path: '/account' },
    after: ['If you did not ask for it, write to whoever runs this server.'],
    why: 'your plan was changed'
  }
}
