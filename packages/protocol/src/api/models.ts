import { z } from '@hono/zod-openapi'
import { Credits } from './schema.js'

/** Credits per million tokens, and by the piece; of a short request now, for length and hour may change them. */
export const ModelPrice = z.object({
  input: Credits,
  output: Credits,
  cache_read: Credits,
  cache_write_5m: Credits,
  cache_write_1h: Credits,
  per_request: Credits.optional(),
  per_image: Credits.optional(),
  per_character: Credits.optional(),
  per_audio_second: Credits.optional(),
  /** Each call of a tool that runs at the provider, by its name. */
  server_tools: z.record(z.string(), Credits).optional()
})

/** An entry of GET /v1/models: Anthropic's fields, and beside them what a customer chooses by. */
export const Model = z.object({
  type: z.literal('model'),
  id: z.string(),
  display_name: z.string(),
  created_at: z.string(),
  description: z.string(),
  aliases: z.array(z.string()),
  context_window: z.number().int(),
  max_output_tokens: z.number().int(),
  capabilities: z.array(z.string()),
  provider: z.string(),
  /** What it is for where that is not chat: `embeddings`, `speech`, `transcriptions` or `images`. */
  serves: z.string().optional(),
  /** null for `caicaini/auto`: the chosen model's price holds. */
  price: ModelPrice.nullable()
})
export type Model = z.infer<typeof Model>
