import { z } from '@hono/zod-openapi'
import { Credits, Instant } from './schema.js'

export const KeyScope = z.enum(['api', 'cli']).openapi('KeyScope')
export type KeyScope = z.infer<typeof KeyScope>

const KeyName = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(64, 'must be at most 64 characters')
  .openapi({ example: 'laptop' })

/** Credits a key may spend over its life; 0 = no limit. */
const Quota = z
  .number()
  .min(0, 'must not be negative')
  .max(1e9, 'must be at most 1,000,000,000')
  .multipleOf(0.000001, 'must have at most six decimal places')

export const Key = z
  .object({
    id: z.string(),
    name: z.string(),
    scope: z.enum(['api', 'cli', 'local']),
    hint: z.string().openapi({ example: 'cai_api_1a2b…wxyz' }),
    status: z.enum(['active', 'disabled', 'revoked', 'expired']),
    quota: Credits,
    quota_used: Credits,
    created_at: Instant,
    last_used_at: Instant.nullable()
  })
  .openapi('Key')
export type Key = z.infer<typeof Key>

export const KeyList = z.object({ keys: z.array(Key) }).openapi('KeyList')

export const CreateKey = z
  .strictObject({
    name: KeyName,
    scope: KeyScope.default('api'),
    quota: Quota.default(0)
  })
  .openapi('CreateKey')

/** Whose keys: an operator may name another account than its own. */
export const Whose = z.object({
  username: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .openapi({ description: "For operators; the caller's own where it is left out" })
})

/** The one answer that holds a key's text: it is stored only as a hash. */
export const CreatedKey = Key.extend({ key: z.string() }).openapi('CreatedKey')
export type CreatedKey = z.infer<typeof CreatedKey>

export const EditKey = z
  .strictObject({ name: KeyName.optional(), quota: Quota.optional(), disabled: z.boolean().optional() })
  .openapi('EditKey')
export type EditKey = z.infer<typeof EditKey>

/** Who a key speaks for: what `auth status` and the chat's header show. */
export const KeySelf = z
  .object({
    key: Key,
    account: z.object({ id: z.string(), username: z.string(), role: z.string(), plan: z.string(), tier: z.string() }),
    /** Set where this server answers from a sandbox or a played provider: which, and why. */
    notice: z.string().nullable()
  })
  .openapi('KeySelf')
export type KeySelf = z.infer<typeof KeySelf>
