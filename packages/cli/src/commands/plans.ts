import type { Plan } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { fittingTable } from '../lib/format.js'
import { grouped, showCredits } from '../lib/money-text.js'
import { toJsonLine } from '../lib/sanitize.js'
import { printNotices, usd } from '../lib/subscription-text.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command.option('--json', 'the list as JSON').action((options: Options) => run(options, context()))
}

export async function run({ json }: Options, context: Context): Promise<void> {
  const api = await context.api()
  const [plans, notices] = await Promise.all([api.plans(), api.notices()])
  if (json) context.io.out(toJsonLine({ plans }))
  else context.io.out(fittingTable(COLUMNS, plans.map(row), context.io.columns))
  printNotices(context.io, notices)
}

const COLUMNS = [
  { title: 'PLAN' },
  { title: 'US$', align: 'right' },
  { title: 'CREDITS', align: 'right' },
  { title: 'INCLUDES', drop: 1 },
  { title: 'MODELS', drop: 2 },
  { title: 'TIER', drop: 3 },
  { title: 'KEYS', align: 'right', drop: 5 },
  { title: 'OFF', align: 'right', drop: 4 },
  { title: 'A CHANGE TODAY', shortenTo: 16 }
] as const

function row(plan: Plan): string[] {
  return [
    plan.name,
    usd(plan.price_usd_cents),
    grouped(plan.monthly_credits),
    plan.scopes.join(', '),
    plan.models === 'all' ? 'all' : plan.models.join(', '),
    plan.lowest_tier,
    grouped(plan.keys_max),
    `${plan.discount_percent}%`,
    changeText(plan)
  ]
}

/** What is told of a month's rest is rounded to cents of a credit: the receipt of a payment has it exactly. */
function changeText({ current, change }: Plan): string {
  if (current) return 'yours'
  if (!change) return '–'
  if (change.kind === 'down') return `from ${change.begins_month} on`
  return `at once: US$ ${usd(change.price_usd_cents)}, ${showCredits(change.credits, 2)} credits for this month`
}
