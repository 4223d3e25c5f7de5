import { z } from '@hono/zod-openapi'
import { Instant } from './schema.js'

const Percentiles = z
  .object({ p50: z.number(), p95: z.number(), p99: z.number() })
  .openapi({ description: 'Milliseconds, at most a fifth too high' })

/** A key that a provider is called with, by the variable that holds it. */
export const ProviderKey = z.object({
  env: z.string().openapi({ example: 'ANTHROPIC_API_KEY' }),
  last_status: z.number().int().nullable().openapi({ description: 'What the provider answered when it refused it' }),
  set_aside_until: Instant.nullable()
})

/** A model at a provider in the last fifteen minutes. */
export const ProviderModel = z.object({
  model: z.string(),
  breaker: z.enum(['closed', 'half-open', 'open']),
  breaker_since: Instant.nullable(),
  requests: z.number().int().openapi({ description: 'How often it was asked, tries of one request counted each' }),
  errors: z.number().int(),
  error_rate: z.number().nullable().openapi({ description: 'From 0 to 1; null where nothing was asked' }),
  first_token_ms: Percentiles.nullable(),
  latency_ms: Percentiles.nullable()
})
export type ProviderModel = z.infer<typeof ProviderModel>

export const ProviderStatus = z
  .object({
    name: z.string(),
    configured: z.boolean().openapi({ description: 'Whether it has a key here, or needs none' }),
    keys: z.array(ProviderKey),
    models: z.array(ProviderModel)
  })
  .openapi('ProviderStatus')
export type ProviderStatus = z.infer<typeof ProviderStatus>

/** What one process knows of its providers. */
export const ServerStatus = z
  .object({
    instance: z.string(),
    host: z.string(),
    pid: z.number().int(),
    serving: z.boolean().openapi({ description: 'False: the process of this very command, which serves nobody' }),
    as_of: Instant,
    providers: z.array(ProviderStatus)
  })
  .openapi('ServerStatus')
export type ServerStatus = z.infer<typeof ServerStatus>

export const ServerStatusList = z.object({ servers: z.array(ServerStatus) }).openapi('ServerStatusList')

export const ProviderTest = z
  .object({
    provider: z.string(),
    model: z.string(),
    ok: z.boolean(),
    latency_ms: z.number().int().nullable(),
    mend: z.string().nullable().openapi({ description: 'What is wrong, and where to mend it' })
  })
  .openapi('ProviderTest')
export type ProviderTest = z.infer<typeof ProviderTest>

export const ModelStatus = z.object({
  id: z.string(),
  aliases: z.array(z.string()),
  state: z.enum(['ok', 'degraded', 'unavailable']),
  since: Instant.nullable(),
  note: z.string().nullable()
})
export type ModelStatus = z.infer<typeof ModelStatus>

export const ServiceStatus = z
  .object({ status: z.enum(['ok', 'degraded']), models: z.array(ModelStatus) })
  .openapi('ServiceStatus')
export type ServiceStatus = z.infer<typeof ServiceStatus>

/** What one running server made of the catalog file. */
export const CatalogReload = z
  .object({
    instance: z.string(),
    host: z.string(),
    pid: z.number().int(),
    state: z.enum(['reloaded', 'refused', 'waiting']),
    fault: z.string().nullable().openapi({ description: 'Why it was refused; the catalog before stays in force' })
  })
  .openapi('CatalogReload')
export type CatalogReload = z.infer<typeof CatalogReload>

export const CatalogReloadList = z.object({ servers: z.array(CatalogReload) }).openapi('CatalogReloadList')
