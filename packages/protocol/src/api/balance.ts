import { z } from '@hono/zod-openapi'
import { Credits, Instant } from './schema.js'

export const Grant = z
  .object({
    id: z.string(),
    kind: z.enum(['subscription', 'topup', 'adjustment', 'promotion', 'service_refund']),
    amount: Credits,
    remaining: Credits,
    held: Credits,
    starts_at: Instant,
    expires_at: Instant.nullable(),
    reference: z.string()
  })
  .openapi('Grant')
export type Grant = z.infer<typeof Grant>

export const Balance = z
  .object({
    /** Σ remaining of live grants: what people see. */
    balance: Credits,
    /** Of that, reserved by requests under way. */
    held: Credits,
    /** balance − held: what a new request must fit. */
    available: Credits,
    subscription: Credits,
    topup: Credits,
    usd: z
      .string()
      .openapi({ example: '9.91', description: 'The balance in US dollars at list price, rounded down to the cent' }),
    /** Live grants in the order in which they are spent. */
    grants: z.array(Grant)
  })
  .openapi('Balance')
export type Balance = z.infer<typeof Balance>
