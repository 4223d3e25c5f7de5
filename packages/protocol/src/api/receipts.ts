import { z } from '@hono/zod-openapi'
import { Credits, Instant } from './schema.js'

const Count = z.number().int()

/** As `Receipt` in this package, for the API's description. */
export const ReceiptJson = z
  .object({
    request_id: z.string(),
    status: z.enum(['complete', 'aborted', 'failed', 'released']),
    model: z.string(),
    model_used: z.string(),
    route_reason: z.string(),
    provider: z.string(),
    input_tokens: Count,
    output_tokens: Count,
    cache_read_tokens: Count,
    cache_write_tokens: Count,
    parts: z.array(
      z.object({
        kind: z.string().openapi({
          description:
            'input, output, cache_read, cache_write_5m, cache_write_1h (tokens); image, request, character, audio_second, tool:NAME (pieces); more may come'
        }),
        quantity: Count,
        rate: Count.openapi({ description: 'Micro-credits per million, also of what is priced by the piece' })
      })
    ),
    rate_version: z.string(),
    discount: z.number(),
    credits: Credits,
    from_subscription: Credits,
    from_topup: Credits,
    uncollected: Credits,
    estimated: z.boolean(),
    clamped: Count.nullable(),
    stop_reason: z.string().nullable(),
    latency_ms: Count,
    first_token_ms: Count.nullable(),
    settled_at: Instant,
    warnings: z.array(
      z.object({
        of: z.enum(['key', 'parent_key', 'month', 'balance']),
        percent: z.union([z.literal(80), z.literal(95)])
      })
    ),
    balance: Credits,
    ledger_head: z.string(),
    refunded: Credits.optional().openapi({ description: 'Given back since; absent where nothing was' })
  })
  .openapi('Receipt')

export const PendingReceipt = z
  .object({ request_id: z.string(), status: z.literal('pending') })
  .openapi('PendingReceipt')

/** Receipts, newest first, a page at a time. */
export const ReceiptList = z
  .object({
    receipts: z.array(ReceiptJson),
    /** For `before` of the next page; null where this is the last one. */
    next: z.string().nullable()
  })
  .openapi('ReceiptList')
export type ReceiptList = z.infer<typeof ReceiptList>
