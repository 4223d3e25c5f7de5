import type { Subscription } from '@caicaini/protocol/api'
import { fields } from './format.js'
import type { Io } from './io.js'
import { creditsPhrase } from './money-text.js'
import { neutraliseLine } from './sanitize.js'

/** US cents as dollars: `20.00`. */
export function usd(cents: number): string {
  return (cents / 100).toFixed(2)
}

/** Changes to come that touch the account, a line each, beside what was asked for. */
export function printNotices(io: Io, notices: readonly string[]): void {
  for (const notice of notices) io.err(`${neutraliseLine(notice)}\n`)
}

/** A subscription for people, a line each of what there is to say. */
export function subscriptionText(subscription: Subscription): string {
  const { username, plan, plan_name, since, this_month, last_month, scheduled } = subscription
  const then = scheduled
    ? `${scheduled.plan} from ${scheduled.begins_month}${scheduled.last_month ? ` to ${scheduled.last_month}` : ''}`
    : 'free'
  return fields([
    ['account', username],
    ['plan', `${plan_name} (${plan})`],
    ...(since ? [['since', since.slice(0, 10)] as const] : []),
    ...(this_month
      ? [['this month', `${creditsPhrase(this_month.credits)}, to ${this_month.ends_at.slice(0, 10)}`] as const]
      : []),
    ...(last_month ? [['last month', last_month] as const, ['then', then] as const] : [])
  ])
}
