import { z } from '@hono/zod-openapi'

const Limit = z
  .number()
  .int('must be a whole number, or null for no limit')
  .min(1, 'must be at least 1, or null for no limit')
  .max(1e12, 'must be at most 1,000,000,000,000, or null for no limit')
  .nullable()

const Settings = z.strictObject({
  requests_per_minute: Limit.optional(),
  input_tokens_per_minute: Limit.optional(),
  concurrent_streams: Limit.optional()
})

/** As `AccountLimitSettings` in this package: the whole of what is set, so `{}` clears it. */
export const SetAccountLimits = z
  .strictObject({ key: Settings.optional(), account: Settings.optional() })
  .openapi('SetAccountLimits')
export type SetAccountLimits = z.infer<typeof SetAccountLimits>

const Limits = z.object({
  requests_per_minute: z.number().int().nullable(),
  input_tokens_per_minute: z.number().int().nullable(),
  concurrent_streams: z.number().int().nullable()
})

export const AccountLimits = z
  .object({
    username: z.string(),
    tier: z.string(),
    /** What an operator set; empty where nothing is. */
    set: SetAccountLimits,
    /** What holds now, of each key and of all of them together; null is no limit. */
    key: Limits,
    account: Limits
  })
  .openapi('AccountLimits')
export type AccountLimits = z.infer<typeof AccountLimits>
