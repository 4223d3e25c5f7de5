import { z } from '@hono/zod-openapi'
import { Credits, Instant } from './schema.js'

const Count = z.number().int()

export const UsageBy = z
  .enum(['model', 'key', 'day', 'session', 'agent', 'client', 'repo', 'branch'], {
    error: 'must be model, key, day, session, agent, client, repo or branch'
  })
  .openapi({ description: 'What the requests are summed by' })
export type UsageBy = z.infer<typeof UsageBy>

/** The beginning of a report: whole UTC days back, the present one among them, whole hours back, a day, or a moment. */
export const Since = z
  .string()
  .regex(
    /^(?:[1-9]\d{0,3}[dh]|\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z)?)$/,
    'must be such as 7d, 24h, 2026-11-01 or 2026-11-01T12:00:00Z'
  )
  .openapi({ example: '7d' })

const sums = {
  requests: Count,
  /** Of those, the ones that were charged. */
  billed: Count,
  failed: Count,
  input_tokens: Count,
  output_tokens: Count,
  cache_read_tokens: Count,
  cache_write_tokens: Count,
  credits: Credits,
  /** Given back since, of `credits`. */
  refunded: Credits
}

export const UsageRow = z.object({ name: z.string().nullable(), ...sums }).openapi('UsageRow')
export type UsageRow = z.infer<typeof UsageRow>

export const Usage = z
  .object({
    since: Instant,
    until: Instant,
    by: UsageBy,
    /** Dearest first, days in their order. `name` is null for requests that say nothing of it. */
    rows: z.array(UsageRow),
    /** Over all requests of that time, also those beyond the rows. */
    total: z.object(sums)
  })
  .openapi('Usage')
export type Usage = z.infer<typeof Usage>
