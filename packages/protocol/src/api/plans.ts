import { z } from '@hono/zod-openapi'
import { Credits, Instant } from './schema.js'

/** A UTC calendar month on the wire. */
const Month = z.string().openapi({ example: '2026-11' })

/** What changing to a plan would mean for the caller, decided now. */
export const PlanChange = z
  .object({
    kind: z.enum(['up', 'down']).openapi({ description: 'up: at once; down: from the next month on' }),
    begins_month: Month,
    price_usd_cents: z.number().int().openapi({ description: 'Now, for the rest of this month' }),
    credits: Credits.openapi({ description: 'Given now, for the rest of this month' })
  })
  .openapi('PlanChange')

export const Plan = z
  .object({
    name: z.string(),
    display_name: z.string(),
    price_usd_cents: z.number().int().openapi({ description: 'A month' }),
    monthly_credits: z.number().int(),
    scopes: z.array(z.enum(['api', 'cli', 'web'])),
    models: z.union([z.literal('all'), z.array(z.string())]),
    lowest_tier: z.string(),
    keys_max: z.number().int(),
    discount_percent: z.number().int(),
    current: z.boolean(),
    /** Null for the caller's own plan, and for the owner, who has every right of every plan. */
    change: PlanChange.nullable()
  })
  .openapi('Plan')
export type Plan = z.infer<typeof Plan>

export const PlanList = z.object({ plans: z.array(Plan) }).openapi('PlanList')

export const Subscription = z
  .object({
    username: z.string(),
    plan: z.string(),
    plan_name: z.string(),
    /** Null for the owner, who has no subscription. */
    since: Instant.nullable(),
    this_month: z
      .object({ month: Month, credits: Credits, ends_at: Instant })
      .nullable()
      .openapi({ description: 'What this month gave in all, and when what is left of it ends' }),
    /** The last month that the plan holds for; null = until it is changed. */
    last_month: Month.nullable(),
    scheduled: z.object({ plan: z.string(), begins_month: Month, last_month: Month.nullable() }).nullable(),
    notices: z.array(z.string()).openapi({ description: 'Changes to come that touch this account' })
  })
  .openapi('Subscription')
export type Subscription = z.infer<typeof Subscription>

export const SetSubscription = z
  .strictObject({
    plan: z.string(),
    months: z
      .int('must be a whole number of months')
      .min(1, 'must be at least 1')
      .max(120, 'must be at most 120')
      .optional()
      .openapi({ description: 'Calendar months, the first one among them; until changed when left out' })
  })
  .openapi('SetSubscription')
export type SetSubscription = z.infer<typeof SetSubscription>

/** Every version of a model's rates that was ever in the catalog, as it stood there. */
export const PublishedRate = z
  .object({
    version: z.string().openapi({ example: 'claude-haiku-4-5@2025-10-15' }),
    model: z.string(),
    first_seen_at: Instant,
    rate: z.record(z.string(), z.unknown()).openapi({ description: 'Micro-credits per million tokens, by kind' })
  })
  .openapi('PublishedRate')
export type PublishedRate = z.infer<typeof PublishedRate>

export const RateList = z.object({ rates: z.array(PublishedRate) }).openapi('RateList')

export const RatesAsked = z.object({
  version: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .openapi({ description: 'These versions only; repeated, or with commas between them' })
})
