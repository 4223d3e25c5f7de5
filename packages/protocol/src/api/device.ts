import { z } from '@hono/zod-openapi'
import { ONE_LINE } from './schema.js'

const Line = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]*$/u, 'must be one line')
  .openapi({ pattern: ONE_LINE })

/** RFC 8628 3.1, and what our command says beside it. Values are texts, for a form has no others. */
export const DeviceCodeAsk = z
  .object({
    client_id: Line.openapi({ description: 'What asks, such as `caicaini`' }),
    scope: z.enum(['api', 'cli']).default('cli'),
    device_name: Line.default('a device').openapi({ description: 'Where it runs, as its owner knows it' }),
    purpose: z.enum(['sign-in', 'key']).default('sign-in'),
    key_name: Line.optional(),
    quota: z
      .string()
      .regex(/^\d{1,9}(\.\d{1,6})?$/, 'must be credits, such as 500 or 12.5')
      .default('0')
      .openapi({ description: 'Most credits the key may spend; 0 = no limit' }),
    quota_period: z.enum(['life', 'month', 'day']).default('life'),
    expires_at: z.iso.datetime({ message: 'must be an RFC 3339 time such as 2027-01-01T00:00:00Z' }).optional(),
    replaces: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex')
      .optional()
      .openapi({ description: 'SHA-256 of the key that this one takes the place of' })
  })
  .openapi('DeviceCodeAsk')

export const DeviceCode = z
  .object({
    device_code: z.string(),
    user_code: z.string().openapi({ example: 'BCDF-GHJK' }),
    verification_uri: z.string(),
    verification_uri_complete: z.string(),
    expires_in: z.int(),
    interval: z.int()
  })
  .openapi('DeviceCode')
export type DeviceCode = z.infer<typeof DeviceCode>

export const DeviceTokenAsk = z
  .object({
    grant_type: z.string().max(200),
    device_code: z.string().min(1).max(200),
    client_id: Line
  })
  .openapi('DeviceTokenAsk')

export const DeviceToken = z
  .object({
    access_token: z.string().openapi({ description: 'The key' }),
    token_type: z.literal('Bearer'),
    scope: z.enum(['api', 'cli']),
    key_id: z.string(),
    key_name: z.string(),
    replaced: z.string().nullable().openapi({ description: 'Name of the key that was revoked for it' })
  })
  .openapi('DeviceToken')
export type DeviceToken = z.infer<typeof DeviceToken>

export const DeviceTokenRefused = z
  .object({
    error: z.enum([
      'authorization_pending',
      'slow_down',
      'access_denied',
      'expired_token',
      'invalid_grant',
      'unsupported_grant_type'
    ]),
    error_description: z.string(),
    interval: z.int().optional()
  })
  .openapi('DeviceTokenRefused')
export type DeviceTokenRefused = z.infer<typeof DeviceTokenRefused>
