import { z } from '@hono/zod-openapi'
import { LABEL_CHARS_MAX } from '../label-headers.js'
import { Amount, Credits, Instant } from './schema.js'

export const KeyScope = z.enum(['api', 'cli']).openapi('KeyScope')
export type KeyScope = z.infer<typeof KeyScope>

const KeyName = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(64, 'must be at most 64 characters')
  .openapi({ example: 'laptop' })

export const QuotaPeriod = z
  .enum(['life', 'month', 'day'], { error: 'must be "life", "month" or "day"' })
  .openapi({ description: 'How often the quota begins anew: never, or with each UTC month or day' })
export type QuotaPeriod = z.infer<typeof QuotaPeriod>

/** Credits a key may spend in each period; 0 = no limit. */
const Quota = z
  .number()
  .min(0, 'must not be negative')
  .max(1e9, 'must be at most 1,000,000,000')
  .multipleOf(0.000001, 'must have at most six decimal places')
  // Less would be rounded to 0, which is no limit.
  .refine((quota) => quota === 0 || quota >= 0.000001, 'must have at most six decimal places')

export const Key = z
  .object({
    id: z.string(),
    name: z.string(),
    scope: z.enum(['api', 'cli', 'local']),
    hint: z.string().openapi({ example: 'cai_api_1a2b…wxyz' }),
    status: z.enum(['active', 'disabled', 'revoked', 'expired']),
    quota: Credits,
    quota_period: QuotaPeriod,
    /** In the present period. */
    quota_used: Credits,
    created_at: Instant,
    rotated_at: Instant.nullable().openapi({ description: 'When its text was last changed for another' }),
    former_until: Instant.nullable().openapi({ description: 'Until when the text that it had before is good' }),
    /** To the minute. */
    last_used_at: Instant.nullable(),
    last_used_from: z.string().nullable().openapi({ description: 'An address; null where it was this machine' }),
    last_used_by: z.string().nullable().openapi({ description: 'What the program said it is' }),
    expires_at: Instant.nullable()
  })
  .openapi('Key')
export type Key = z.infer<typeof Key>

export const KeyList = z.object({ keys: z.array(Key) }).openapi('KeyList')

/** When a key ends by itself. */
const ExpiresAt = z.iso
  .datetime({ message: 'must be an RFC 3339 time such as 2027-01-01T00:00:00Z, or null' })
  .nullable()

export const CreateKey = z
  .strictObject({
    name: KeyName,
    scope: KeyScope.default('api'),
    quota: Quota.default(0),
    quota_period: QuotaPeriod.default('life'),
    expires_at: ExpiresAt.default(null)
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
  .strictObject({
    name: KeyName.optional(),
    quota: Quota.optional(),
    quota_period: QuotaPeriod.optional(),
    disabled: z.boolean().optional(),
    expires_at: ExpiresAt.optional()
  })
  .openapi('EditKey')
export type EditKey = z.infer<typeof EditKey>

export const RotateKey = z
  .strictObject({
    overlap_s: z
      .int('must be whole seconds')
      .min(0, 'must not be negative')
      .max(30 * 86_400, 'must be at most 2592000, which is 30 days')
      .default(86_400)
      .openapi({ description: 'Seconds that the text before is good for yet' })
  })
  .openapi('RotateKey')

/** A key derived from another for one session, such as one run of a tool: it dies with its parent, and spends from the same balance. */
export const SessionKey = z
  .object({
    id: z.string(),
    label: z.string(),
    hint: z.string(),
    status: z.enum(['active', 'disabled', 'revoked', 'expired']),
    /** The most that it may spend. */
    cap: Credits,
    spent: Credits,
    created_at: Instant,
    expires_at: Instant
  })
  .openapi('SessionKey')
export type SessionKey = z.infer<typeof SessionKey>

export const SessionKeyList = z.object({ sessions: z.array(SessionKey) }).openapi('SessionKeyList')

/** The most that a session may spend: there is none without a cap. */
const Cap = Amount

const Label = z.string().max(LABEL_CHARS_MAX, `must be at most ${LABEL_CHARS_MAX} characters`)

export const CreateSession = z
  .strictObject({
    label: KeyName,
    cap: Cap,
    expires_in_s: z
      .int('must be whole seconds')
      .min(1, 'must be at least 1')
      .max(30 * 86_400, 'must be at most 2592000, which is 30 days')
      .default(86_400)
      .openapi({ description: 'Seconds that it lives; no longer than the key it is derived from' }),
    /** What its calls are for, as the labels of `GET /api/usage?by=repo`. */
    repo: Label.optional(),
    branch: Label.optional()
  })
  .openapi('CreateSession')

/** The one answer that holds a session key's text. */
export const CreatedSession = SessionKey.extend({ key: z.string() }).openapi('CreatedSession')
export type CreatedSession = z.infer<typeof CreatedSession>

export const EditSession = z.strictObject({ cap: Cap }).openapi('EditSession')

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
