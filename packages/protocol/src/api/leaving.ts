import { z } from '@hono/zod-openapi'
import { Credits, Instant } from './schema.js'

export const AccountExport = z
  .object({
    id: z.string(),
    state: z.enum(['pending', 'ready', 'failed']),
    created_at: Instant,
    expires_at: Instant.nullable().openapi({ description: 'When it will be deleted; null while it is being made' })
  })
  .openapi('AccountExport')
export type AccountExport = z.infer<typeof AccountExport>

export const Closing = z
  .object({ forfeits: Credits.openapi({ description: 'What closing the account would forfeit' }), url: z.string() })
  .openapi('Closing')
export type Closing = z.infer<typeof Closing>

export const DataRequest = z
  .object({
    id: z.string(),
    kind: z.enum(['access', 'export', 'erase', 'child']),
    username: z.string().nullable(),
    contact: z.string(),
    message: z.string(),
    created_at: Instant,
    due_at: Instant,
    closed_at: Instant.nullable(),
    outcome: z.string().nullable()
  })
  .openapi('DataRequest')
export type DataRequest = z.infer<typeof DataRequest>

export const DataRequestList = z.object({ requests: z.array(DataRequest) }).openapi('DataRequestList')
export const DataRequestsAsked = z.object({
  all: z.enum(['true', 'false']).default('false').openapi({ description: 'Closed ones too' })
})
export const CloseDataRequest = z
  .strictObject({
    outcome: z.string().trim().min(1).max(500).openapi({ description: 'What was done, or why nothing was' })
  })
  .openapi('CloseDataRequest')

export const DataRequestClosed = z.object({ id: z.string(), outcome: z.string() }).openapi('DataRequestClosed')
