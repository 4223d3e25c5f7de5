import { PIECE_MICRO_MAX } from '@caicaini/protocol'
import { z } from 'zod'

/*
 * The shape of the catalog file, version 1. Every object is strict: a misspelt field stops the start
 * instead of silently leaving a default in force. docs/catalog.md explains each field.
 */

const wholeNumber = (what: string) =>
  z.int({ error: `must be a whole ${what}` }).min(0, { error: `must be a whole ${what}` })
const positive = (what: string) =>
  z.int({ error: `must be a whole ${what}` }).min(1, { error: `must be a whole ${what}` })

const text = z.string({ error: 'must be a text' }).min(1, { error: 'must not be empty' })
const Name = text.max(256, { error: 'must be at most 256 characters' }).regex(/^[\w.:/-]+$/, {
  error: 'must be letters, digits and . _ : / - only'
})
const EnvName = text.regex(/^[A-Z][A-Z0-9_]*$/, {
  error: 'must be the name of an environment variable, such as ANTHROPIC_API_KEY'
})
const HttpUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).regex(/[^/]$/, {
  error: 'must not end in a slash'
})

/** A UTC day, `YYYY-MM-DD`; it begins at midnight UTC. */
const Day = z.iso.date({ error: 'must be a day written YYYY-MM-DD' })

const RATE_UNIT = 'number of micro-credits per million tokens'
const tokenRates = {
  input: wholeNumber(RATE_UNIT),
  output: wholeNumber(RATE_UNIT),
  cache_read: wholeNumber(RATE_UNIT),
  cache_write_5m: wholeNumber(RATE_UNIT),
  cache_write_1h: wholeNumber(RATE_UNIT)
}

const LengthTier = z.strictObject({ above: positive('number of input tokens'), ...tokenRates })

const clockTime = (pattern: RegExp, example: string) =>
  z.string({ error: `must be a UTC time such as "${example}"` }).regex(pattern, {
    error: `must be a UTC time such as "${example}"`
  })
const DAYS_ERROR = 'must be a list of "mon", "tue", "wed", "thu", "fri", "sat", "sun"'
const RateWindow = z.strictObject({
  // It stands in the version that receipts name, where `over-` begins a length tier.
  name: text
    .max(32, { error: 'must be at most 32 characters' })
    .regex(/^(?!over-)[\w.-]+$/, { error: 'must be letters, digits and . _ - only, and not begin with "over-"' }),
  days: z
    .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], { error: DAYS_ERROR }), { error: DAYS_ERROR })
    .min(1, { error: DAYS_ERROR }),
  from: clockTime(/^(?:[01]\d|2[0-3]):[0-5]\d$/, '01:00'),
  to: clockTime(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, '24:00'),
  percent: positive('number of per cent, such as 200 for twice the price')
})

const PIECE_ERROR = `must be a whole number of micro-credits up to ${PIECE_MICRO_MAX}`
/** A receipt carries it as a rate per million, which must be a safe integer. */
const pieceRate = z.int({ error: PIECE_ERROR }).min(0, { error: PIECE_ERROR }).max(PIECE_MICRO_MAX, {
  error: PIECE_ERROR
})

/** As `RateCardEntry` in protocol, which says what each means. */
const RateEntry = z.strictObject({
  from: Day,
  ...tokenRates,
  length_tiers: z.array(LengthTier, { error: 'must be a list of length tiers' }).optional(),
  windows: z.array(RateWindow, { error: 'must be a list of windows' }).optional(),
  per_request: pieceRate.optional(),
  per_image: pieceRate.optional(),
  per_character: pieceRate.optional(),
  per_audio_second: pieceRate.optional(),
  server_tools: z
    .record(
      z.string().regex(/^[a-z][a-z_]{0,63}$/, {
        error: 'must be the name of a tool without its date, such as web_search'
      }),
      pieceRate
    )
    .optional()
})

const timeouts = {
  first_byte_timeout_ms: positive('number of milliseconds'),
  idle_timeout_ms: positive('number of milliseconds'),
  /** Either wait, where a model may be thinking. */
  reasoning_timeout_ms: positive('number of milliseconds').optional()
}

/** OpenAI-compatible servers that are known, each with what its documents say it does otherwise. */
export const PRESETS = ['openai', 'moonshot', 'deepseek', 'openrouter', 'ollama', 'vllm', 'llama.cpp'] as const
export type Preset = (typeof PRESETS)[number]

/** What a model may be for beside chat, each a route of its own. */
export const OTHER_ENDPOINTS = ['embeddings', 'speech', 'transcriptions', 'images'] as const
const ENDPOINTS = ['chat', ...OTHER_ENDPOINTS] as const

const remote = {
  base_url: HttpUrl,
  base_url_env: EnvName,
  api_key_env: EnvName,
  /** Further keys of the same provider, each used by its weight beside the first one's 1. */
  more_keys: z.array(z.strictObject({ env: EnvName, weight: positive('number').default(1) })).optional(),
  /** How often a request is tried that fails before its first byte. */
  tries_max: positive('number of tries').max(10, { error: 'must be at most 10' }).default(3),
  /** The day the key came into use, for those who rotate it. */
  since: Day.optional(),
  ...timeouts
}

const ProviderEntry = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('anthropic'),
      auth: z.enum(['x-api-key', 'bearer'], { error: 'must be "x-api-key" or "bearer"' }),
      ...remote
    }),
    z.strictObject({
      kind: z.literal('openai-compatible'),
      auth: z.enum(['bearer', 'none'], { error: 'must be "bearer", or "none" for a server that asks for no key' }),
      preset: z.enum(PRESETS, { error: `must be one of ${PRESETS.join(', ')}` }).default('openai'),
      endpoints: z.array(z.enum(ENDPOINTS, { error: `must be one of ${ENDPOINTS.join(', ')}` })).default(['chat']),
      ...remote
    }),
    z.strictObject({ kind: z.literal('sandbox'), ...timeouts })
  ],
  { error: 'must be "anthropic", "openai-compatible" or "sandbox"' }
)

/** A family of names, such as `claude-opus-*`; with `!` before it, names that are none of it. */
const Family = text.max(256, { error: 'must be at most 256 characters' }).regex(/^!?[\w.:/-]+\*$/, {
  error:
    'must be the beginning of a name and "*", such as "claude-opus-*", or "!claude-opus-4-1*" for what is none of it'
})

const described = {
  id: Name,
  aliases: z.array(Name, { error: 'must be a list of names' }),
  display_name: text,
  description: text,
  created_at: Day
}

const ModelEntry = z.strictObject({
  ...described,
  provider: text,
  /** The id that the provider knows the model by. */
  upstream_id: text,
  /** Names that are no model's own and are served as this one: they are sent to the provider as they are. */
  families: z.array(Family, { error: 'must be a list of names that end in "*"' }).optional(),
  context_window: positive('number of tokens'),
  max_output_tokens: positive('number of tokens'),
  capabilities: z.array(
    z.enum(['images', 'pdf', 'tools', 'thinking'], { error: 'must be "images", "pdf", "tools" or "thinking"' })
  ),
  /** Chat where it is left out. */
  serves: z.enum(ENDPOINTS, { error: `must be one of ${ENDPOINTS.join(', ')}` }).optional(),
  /** Values of a request's fields that the price is for; the first is sent where a request has none. */
  options: z
    .record(
      z.string().regex(/^[a-z][a-z_]{0,63}$/, { error: 'must be the name of a field, such as size' }),
      z.array(text, { error: 'must be a list of texts' }).min(1, { error: 'must hold at least one value' })
    )
    .optional(),
  rates: z.array(RateEntry, { error: 'must be a list of rates' }).min(1, { error: 'must hold at least one rate' }),
  retired: z.strictObject({ at: Day, successor: text }).optional()
})

const RouterEntry = z.strictObject({
  ...described,
  /** Models that `auto` chooses between, by id. Without `top` it chooses between two. */
  small: text,
  middle: text,
  top: text.optional(),
  /** Models that do as well as a tier's own: of all of them the cheapest of the minute is taken. */
  as_good: z
    .strictObject({ small: z.array(text), middle: z.array(text), top: z.array(text) })
    .partial()
    .optional()
})

const limit = (what: string) => positive(`number of ${what}, or null for no limit`).nullable()

const rateLimits = {
  requests_per_minute: limit('requests'),
  input_tokens_per_minute: limit('tokens'),
  concurrent_streams: limit('streams')
}

const TierEntry = z.strictObject({
  ...rateLimits,
  /** Confirmed top-ups, over an account's life, from which on it has this tier; null = only by hand. */
  promote_at_usd_cents: wholeNumber('number of US cents, or null for a tier given only by hand').nullable()
})

const PlanEntry = z.strictObject({
  display_name: text,
  price_usd_cents: wholeNumber('number of US cents a month'),
  monthly_credits: wholeNumber('number of credits'),
  scopes: z.array(z.enum(['api', 'cli', 'web'], { error: 'must be "api", "cli" or "web"' })),
  lowest_tier: text,
  keys_max: positive('number of keys'),
  discount_percent: z.int({ error: 'must be a whole number from 0 to 100' }).min(0).max(100),
  models: z.union([z.literal('all'), z.array(text)], { error: 'must be "all" or a list of model ids' })
})

export const CatalogFile = z.strictObject({
  version: z.literal(1, { error: 'must be 1, the only version this server reads' }),
  providers: z.record(Name, ProviderEntry),
  router: RouterEntry,
  models: z.array(ModelEntry).min(1, { error: 'must hold at least one model' }),
  tiers: z.record(Name, TierEntry),
  plans: z.record(Name, PlanEntry),
  limits: z.strictObject({
    concurrent_requests_per_key_max: positive('number of requests'),
    /** Of all keys of an account together. */
    account_ceiling: z.strictObject(rateLimits).default({
      requests_per_minute: null,
      input_tokens_per_minute: null,
      concurrent_streams: null
    }),
    refusals_per_minute_per_key: positive('number of requests').default(120),
    refusals_per_minute_per_address: positive('number of requests').default(600)
  })
})

export type CatalogFile = z.infer<typeof CatalogFile>
export type ProviderEntry = z.infer<typeof ProviderEntry>
export type ModelEntry = z.infer<typeof ModelEntry>
export type RateEntry = z.infer<typeof RateEntry>
export type RouterEntry = z.infer<typeof RouterEntry>
export type TierEntry = z.infer<typeof TierEntry>
export type PlanEntry = z.infer<typeof PlanEntry>
