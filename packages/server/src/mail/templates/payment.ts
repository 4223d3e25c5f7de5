import { minuteOf, type Words } from '../words.js'

export interface Payment {
  /** As it was paid, such as `20.00 USD`. */
  readonly paid: string
  /** What came of it, such as `200 credits`. */
  readonly given: string
  readonly reference: string
  readonly atMs: number
}

export function payment({ paid, given, reference, atMs }: Payment): Words {
  return {
    subject: `payment of ${paid} received`,
    lines: ['Thank you: your payment has arrived.'],
    facts: [
      ['Paid', paid],
      ['You have got', given],
      ['When', minuteOf(atMs)],
      ['Reference', reference]
    ],
    action: { label: 'Look at your account', path: '/account' },
    why: 'you paid'
  }
}
