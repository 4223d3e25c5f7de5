import OpenAI from 'openai'
import type { CatalogFile, ModelEntry } from '../catalog/schema.js'
import { withoutMonthlyCredits } from './catalog.js'
import { createTestServer } from './server.js'
import { playUpstream } from './upstream.js'

const NOTHING = { input: 0, output: 0, cache_read: 0, cache_write_5m: 0, cache_write_1h: 0 }

function entry(id: string, serves: NonNullable<ModelEntry['serves']>, rate: object, more: object = {}): ModelEntry {
  return {
    id,
    aliases: [],
    display_name: id,
    description: `Serves ${serves}.`,
    created_at: '2026-01-01',
    provider: 'openai',
    upstream_id: `up-${id}`,
    context_window: 8_192,
    max_output_tokens: 2_000,
    capabilities: [],
    serves,
    rates: [{ from: '2026-01-01', ...NOTHING, ...rate }],
    ...more
  }
}

/** What each model costs, in micro-credits. */
export const COSTS = { inputPerMillion: 20_000_000, image: 40_000_000, character: 15_000, second: 100_000 } as const

/** The shipped catalog and one provider that has everything, with a model or two of each kind. */
export function withEverything(baseUrl: string) {
  return (file: CatalogFile): CatalogFile => {
    file.providers.openai = {
      kind: 'openai-compatible',
      preset: 'openai',
      endpoints: ['chat', 'embeddings', 'speech', 'transcriptions', 'images'],
      auth: 'bearer',
      base_url: `${baseUrl}/v1`,
      base_url_env: 'CAICAINI_OPENAI_BASE_URL',
      api_key_env: 'OPENAI_API_KEY',
      first_byte_timeout_ms: 60_000,
      idle_timeout_ms: 60_000,
      tries_max: 1
    }
    const size = { options: { size: ['1024x1024', '512x512'], quality: ['standard'] } }
    file.models.push(
      entry('embed-x', 'embeddings', { input: COSTS.inputPerMillion }),
      entry('image-x', 'images', { per_image: COSTS.image }, size),
      entry('image-tokens', 'images', { input: 5_000_000_000, output: 40_000_000_000 }),
      entry('voice-x', 'speech', { per_character: COSTS.character }, { context_window: 4_096 }),
      entry('listen-x', 'transcriptions', { per_audio_second: COSTS.second }),
      entry('listen-tokens', 'transcriptions', { input: 6_000_000_000, output: 10_000_000_000 })
    )
    return withoutMonthlyCredits(file)
  }
}

/** A server before a played provider that has everything, and the official SDK as its client. */
export async function createThroughServer({
  change = () => {},
  only,
  keys = true,
  ...options
}: {
  plan?: string
  dataDir?: string
  only?: 'chat'
  keys?: boolean
  change?: (file: CatalogFile) => void
} = {}) {
  const provider = await playUpstream()
  const t = await createTestServer({
    ...options,
    env: keys ? { OPENAI_API_KEY: 'sk-operator' } : {},
    upstream: keys,
    catalog(file) {
      change(file)
      return only ? withoutMonthlyCredits(file) : withEverything(provider.url)(file)
    }
  })
  return {
    ...t,
    provider,
    openai: new OpenAI({ baseURL: `${t.url}/v1`, apiKey: t.key, maxRetries: 0 }),
    async close() {
      await t.close()
      await provider.close()
    }
  }
}
