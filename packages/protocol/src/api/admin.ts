import { z } from '@hono/zod-openapi'
import { Amount, Credits, Instant, ONE_LINE } from './schema.js'

export const User = z
  .object({
    id: z.string(),
    username: z.string(),
    role: z.enum(['user', 'support', 'operator', 'owner']),
    plan: z.string(),
    tier: z.string(),
    status: z.enum(['active', 'suspended', 'closed']),
    created_at: Instant,
    balance: Credits
  })
  .openapi('User')
export type User = z.infer<typeof User>

export const SetRole = z
  .strictObject({
    role: z.enum(['user', 'support', 'operator', 'owner'], { error: 'must be user, support, operator or owner' })
  })
  .openapi('SetRole')

export const UserList = z.object({ users: z.array(User) }).openapi('UserList')

export const CreateUser = z
  .strictObject({
    username: z
      .string()
      .regex(
        /^[a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?$/,
        'must be 1–32 of a–z, 0–9, ".", "_", "-", and begin and end with a letter or digit'
      ),
    plan: z.string().optional(),
    tier: z.string().optional()
  })
  .openapi('CreateUser')
export type CreateUser = z.infer<typeof CreateUser>

/**
 * An operator's own name for what was given or taken, such as an invoice. The server's own are not to be had:
 * under one of them a month's credits or a refund would count as given already.
 */
const Reference = z
  .string()
  .min(1, 'must not be empty')
  .max(128, 'must be at most 128 characters')
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be text without control characters')
  .regex(
    /^(?!(?:subscription|refund):)/,
    'must not begin with "subscription:" or "refund:", which are the server\'s own'
  )
  .openapi({ pattern: ONE_LINE })

export const GrantCredits = z
  .strictObject({
    username: z.string().openapi({ description: 'Whose account' }),
    credits: Amount,
    kind: z.enum(['adjustment', 'promotion', 'topup', 'service_refund']).default('adjustment'),
    /** Given twice, the second grants nothing and answers with the first. */
    reference: Reference.optional(),
    expires_at: z.iso.datetime({ message: 'must be an RFC 3339 time such as 2027-01-01T00:00:00Z' }).optional(),
    reason: z.string().max(500).optional()
  })
  .openapi('GrantCredits')
/** What a client sends: defaults may be left out. */
export type GrantCredits = z.input<typeof GrantCredits>

export const GrantedCredits = z
  .object({ grant_id: z.string(), granted: z.boolean(), balance: Credits })
  .openapi('GrantedCredits')
export type GrantedCredits = z.infer<typeof GrantedCredits>

/** One place where the books disagree; `what` names the rule, `detail` both figures. */
export const AuditDifference = z
  .object({ account: z.string().nullable(), what: z.string(), detail: z.string() })
  .openapi('AuditDifference')

export const AuditReport = z
  .object({
    ok: z.boolean(),
    accounts: z.number().int(),
    entries: z.number().int(),
    grants: z.number().int(),
    holds_open: z.number().int(),
    receipts: z.number().int(),
    /** Credits as decimal texts: granted + adjusted + refunded = spent + remaining + expired + forfeited. */
    totals: z.object({
      granted: z.string(),
      adjusted: z.string(),
      refunded: z.string(),
      spent: z.string(),
      remaining: z.string(),
      expired: z.string(),
      forfeited: z.string(),
      held: z.string()
    }),
    differences: z.array(AuditDifference)
  })
  .openapi('AuditReport')
export type AuditReport = z.infer<typeof AuditReport>

const Reason = z.string().trim().min(1, 'must not be empty').max(500, 'must be at most 500 characters')

/** Credits taken back: an amount as a correction, or all that is not held by a request under way. */
export const TakeCredits = z
  .strictObject({
    username: z.string(),
    kind: z.enum(['adjust', 'forfeit'], { error: 'must be "adjust" or "forfeit"' }),
    credits: Amount.optional().openapi({ description: 'Needed to adjust; left out of a forfeit it is everything' }),
    reason: Reason,
    /** Given twice, the second takes nothing. */
    reference: Reference.optional()
  })
  .openapi('TakeCredits')
export type TakeCredits = z.infer<typeof TakeCredits>

export const TakenCredits = z.object({ taken: Credits, again: z.boolean(), balance: Credits }).openapi('TakenCredits')
export type TakenCredits = z.infer<typeof TakenCredits>

const Moment = z.iso.datetime({ message: 'must be an RFC 3339 time such as 2027-01-01T00:00:00Z' })

/** Which charges of a provider's bad hour are given back. */
export const Reconcile = z
  .strictObject({
    provider: z.string().min(1).max(256),
    from: Moment,
    to: Moment,
    reason: Reason.optional(),
    dry_run: z.boolean().default(false)
  })
  .openapi('Reconcile')
export type Reconcile = z.input<typeof Reconcile>

export const Reconciled = z
  .object({
    dry_run: z.boolean(),
    requests: z.number().int(),
    accounts: z.number().int(),
    credits: Credits,
    charges: z.array(
      z.object({
        request_id: z.string(),
        account: z.string(),
        model: z.string(),
        settled_at: Instant,
        /** The answer was cut short, empty, or ended in an error. */
        why: z.enum(['cut', 'empty', 'error']),
        credits: Credits
      })
    )
  })
  .openapi('Reconciled')
export type Reconciled = z.infer<typeof Reconciled>

/** Why an account is stopped: `reason` is told to it, `note` stays with operators. */
export const DecideStanding = z
  .strictObject({
    reason: Reason,
    note: z.string().trim().max(2000, 'must be at most 2,000 characters').optional(),
    forfeit: z.boolean().default(false).openapi({ description: 'Take all its credits, too' })
  })
  .openapi('DecideStanding')
export type DecideStanding = z.input<typeof DecideStanding>

export const LiftStanding = z.strictObject({ reason: Reason }).openapi('LiftStanding')

/** `reason`: why, and how it was made sure who asks. For the log. */
export const ResetSecondFactor = z.strictObject({ reason: Reason }).openapi('ResetSecondFactor')

export const SecondFactorReset = z
  .object({
    username: z.string(),
    totp: z.boolean().openapi({ description: 'Whether there was an authenticator app' }),
    passkeys: z.int(),
    recovery_codes: z.int().openapi({ description: 'How many were left' }),
    sessions_ended: z.int()
  })
  .openapi('SecondFactorReset')
export type SecondFactorReset = z.infer<typeof SecondFactorReset>

export const Standing = z
  .object({
    username: z.string(),
    stopped: z.boolean(),
    forfeited: Credits.openapi({ description: 'What this decision took' }),
    history: z.array(
      z.object({
        id: z.string(),
        kind: z.enum(['suspend', 'ban', 'lift']),
        reason: z.string(),
        note: z.string().nullable(),
        by: z.string().nullable().openapi({ description: 'Null where the server itself did' }),
        at: Instant
      })
    )
  })
  .openapi('Standing')
export type Standing = z.infer<typeof Standing>
