import { z } from '@hono/zod-openapi'
import { Instant } from './schema.js'
import { Since } from './usage.js'

/** One line of what operators did; lines are never changed. */
export const OperatorEvent = z
  .object({
    id: z.string(),
    at: Instant,
    actor: z.string().openapi({ description: 'Username of who did it' }),
    action: z.string().openapi({ example: 'subscription.set' }),
    subject: z.string(),
    detail: z.record(z.string(), z.unknown())
  })
  .openapi('OperatorEvent')
export type OperatorEvent = z.infer<typeof OperatorEvent>

export const EventList = z.object({ events: z.array(OperatorEvent) }).openapi('EventList')

export const EventsAsked = z.object({
  limit: z.coerce
    .number({ error: 'must be a whole number' })
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(1000, 'must be at most 1,000')
    .default(100)
})

/** A line of the whole log: also from where, and what was before and after. */
export const AuditEvent = OperatorEvent.extend({
  from: z.string().nullable().openapi({ description: 'An address; null for the machine itself, and after a year' }),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable()
}).openapi('AuditEvent')
export type AuditEvent = z.infer<typeof AuditEvent>

export const AuditList = z.object({ events: z.array(AuditEvent) }).openapi('AuditList')

const Name = z.string().min(1).max(128)

export const AuditAsked = EventsAsked.extend({
  actor: Name.optional().openapi({ description: 'Username of who did it' }),
  subject: Name.optional().openapi({ description: 'Username of whom it was done to, or what else is named' }),
  action: Name.optional().openapi({ description: 'Such as `key.rotate`, or `key` for all that is done to keys' }),
  since: Since.optional()
})

/** What an account knows of what was done with it. */
export const OwnEventList = z
  .object({
    events: z.array(
      z.object({
        id: z.string(),
        at: Instant,
        by: z.enum(['you', 'operator']),
        action: z.string(),
        from: z.string().nullable(),
        detail: z.record(z.string(), z.unknown())
      })
    )
  })
  .openapi('OwnEventList')

/** What an operator should look at: figures and names, never what anybody wrote. */
export const Flag = z
  .object({
    id: z.string(),
    at: Instant,
    username: z.string(),
    kind: z.string().openapi({ example: 'many_places' }),
    state: z.enum(['open', 'dismissed', 'acted']),
    evidence: z.record(z.string(), z.unknown()),
    by: z.string().nullable().openapi({ description: 'Who decided it' })
  })
  .openapi('Flag')
export type Flag = z.infer<typeof Flag>

export const FlagList = z.object({ flags: z.array(Flag) }).openapi('FlagList')

export const FlagsAsked = EventsAsked.extend({
  state: z.enum(['open', 'dismissed', 'acted'], { error: 'must be open, dismissed or acted' }).optional()
})

export const DecideFlag = z
  .strictObject({ state: z.enum(['dismissed', 'acted'], { error: 'must be dismissed or acted' }) })
  .openapi('DecideFlag')

/** A change of the catalog that takes something from running subscriptions. */
export const CatalogChange = z
  .object({
    id: z.string(),
    state: z.enum(['pending', 'applied', 'forced', 'withdrawn']),
    subject: z.string().openapi({ example: 'plan:pro' }),
    taken: z.array(z.string()).openapi({ description: 'What it takes, one sentence each' }),
    accounts: z.number().int().openapi({ description: 'How many accounts it touched when it was noticed' }),
    noticed_at: Instant,
    effective_at: Instant,
    reason: z.string().nullable().openapi({ description: 'Why it was forced, where it was' })
  })
  .openapi('CatalogChange')
export type CatalogChange = z.infer<typeof CatalogChange>

export const CatalogChangeList = z.object({ changes: z.array(CatalogChange) }).openapi('CatalogChangeList')

export const ForceChange = z
  .strictObject({ reason: z.string().trim().min(1, 'must say why').max(500, 'must be at most 500 characters') })
  .openapi('ForceChange')
