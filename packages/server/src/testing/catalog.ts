import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import defaultCatalog from '../catalog/default-catalog.json' with { type: 'json' }
import type { CatalogFile } from '../catalog/schema.js'

/** The shipped catalog as a value of its own, to be changed at will. */
export function shippedCatalog(): CatalogFile {
  return structuredClone(defaultCatalog) as unknown as CatalogFile
}

/**
 * For tests whose customer has what they were granted, and nothing of a subscription; and in which a
 * failure is told at once, not after tries that wait for a clock which stands still.
 */
export function withoutMonthlyCredits(file: CatalogFile): CatalogFile {
  for (const plan of Object.values(file.plans)) plan.monthly_credits = 0
  for (const provider of Object.values(file.providers)) if ('api_key_env' in provider) provider.tries_max = 1
  return file
}

/** The same, with what else a test changes in it. */
export function changed(change: (file: CatalogFile) => void): (file: CatalogFile) => CatalogFile {
  return (file) => {
    change(file)
    return withoutMonthlyCredits(file)
  }
}

/** The path of the catalog as a file in `folder`, for a server to read. */
export function writeCatalog(folder: string, file: CatalogFile): string {
  const path = join(folder, 'catalog.json')
  writeFileSync(path, JSON.stringify(file))
  return path
}

/** For tests that ask faster than any customer may, and are refused more often. */
export function withoutLimits(file: CatalogFile): CatalogFile {
  const none = { requests_per_minute: null, input_tokens_per_minute: null, concurrent_streams: null }
  for (const tier of Object.values(file.tiers)) Object.assign(tier, none)
  const many = 1_000_000
  Object.assign(file.limits, {
    concurrent_requests_per_key_max: many,
    refusals_per_minute_per_key: many,
    refusals_per_minute_per_address: many
  })
  return withoutMonthlyCredits(file)
}

/** The shipped catalog without monthly credits, and `gpt-x`: a model of an OpenAI-compatible provider at `baseUrl`, priced as the first. */
export function withChatProvider(baseUrl: string, baseUrlEnv = 'CAICAINI_OPENAI_BASE_URL') {
  return (file: CatalogFile): CatalogFile => {
    const [model] = file.models
    if (!model) throw new Error('the catalog has no model')
    file.providers.openai = {
      kind: 'openai-compatible',
      preset: 'openai',
      endpoints: ['chat'],
      auth: 'bearer',
      base_url: baseUrl,
      base_url_env: baseUrlEnv,
      api_key_env: 'OPENAI_API_KEY',
      first_byte_timeout_ms: 60_000,
      idle_timeout_ms: 60_000,
      tries_max: 1
    }
    file.models.push({ ...model, id: 'gpt-x', aliases: [], families: [], provider: 'openai', upstream_id: 'gpt-x' })
    return withoutMonthlyCredits(file)
  }
}
