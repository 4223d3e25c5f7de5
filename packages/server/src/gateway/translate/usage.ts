import { NO_USAGE, totalInput, type Usage } from '../../catalog/price.js'
import { isObject, isWhole, type JsonObject } from '../request/value.js'
import { setUsage } from '../usage/anthropic-usage.js'
import type { UsageReading } from './neutral.js'

export const NOTHING_READ: UsageReading = { usage: NO_USAGE, reasoningTokens: null }

/**
 * `previous` with what Anthropic's `usage` says set over it; set, never added. Total input is input + cache write + cache
 * read (Anthropic, prompt caching).
 */
export function setMessagesUsage(previous: UsageReading, usage: unknown): UsageReading {
  const details = isObject(usage) && isObject(usage.output_tokens_details) ? usage.output_tokens_details : {}
  return {
    usage: setUsage(previous.usage, usage),
    reasoningTokens: firstCount(details.thinking_tokens) ?? previous.reasoningTokens
  }
}

/**
 * `previous` with what a chat `usage` says set over it. `prompt_tokens` includes what was cached (OpenAI; DeepSeek says
 * "prompt_tokens … equals prompt_cache_hit_tokens + prompt_cache_miss_tokens"), `completion_tokens` includes reasoning.
 */
export function setChatUsage(previous: UsageReading, usage: unknown): UsageReading {
  if (!isObject(usage)) return previous
  const details = objectOf(usage.prompt_tokens_details)
  // In this order: OpenAI and most; DeepSeek; Moonshot.
  const read = firstCount(details.cached_tokens, usage.prompt_cache_hit_tokens, usage.cached_tokens)
  return setFrom(previous, {
    prompt: firstCount(usage.prompt_tokens, sumOf(usage.prompt_cache_hit_tokens, usage.prompt_cache_miss_tokens)),
    read,
    written: firstCount(details.cache_write_tokens),
    output: firstCount(usage.completion_tokens),
    reasoning: firstCount(objectOf(usage.completion_tokens_details).reasoning_tokens)
  })
}

/** The same of a Responses `usage`, whose `input_tokens` includes what was cached. */
export function setResponsesUsage(previous: UsageReading, usage: unknown): UsageReading {
  if (!isObject(usage)) return previous
  const details = objectOf(usage.input_tokens_details)
  return setFrom(previous, {
    prompt: firstCount(usage.input_tokens),
    read: firstCount(details.cached_tokens),
    written: firstCount(details.cache_write_tokens),
    output: firstCount(usage.output_tokens),
    reasoning: firstCount(objectOf(usage.output_tokens_details).reasoning_tokens)
  })
}

/** Usage of a whole chat answer; undefined where it has none. */
export function usageOfChat(json: unknown): Usage | undefined {
  if (!isObject(json) || !isObject(usageMember(json))) return undefined
  return setChatUsage(NOTHING_READ, usageMember(json)).usage
}

/** Usage of a whole Responses answer; undefined where it has none. */
export function usageOfResponses(json: unknown): Usage | undefined {
  return isObject(json) && isObject(json.usage) ? setResponsesUsage(NOTHING_READ, json.usage).usage : undefined
}

/** Where a chat answer or chunk says its usage: at the top, or, in Moonshot's streams, in the choice. */
export function usageMember(json: JsonObject): unknown {
  if (isObject(json.usage)) return json.usage
  const [choice] = Array.isArray(json.choices) ? json.choices : []
  return isObject(choice) ? choice.usage : undefined
}

export function messagesUsageOf({ usage, reasoningTokens }: UsageReading): JsonObject {
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: usage.cacheWrite5mTokens + usage.cacheWrite1hTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
    cache_creation: {
      ephemeral_5m_input_tokens: usage.cacheWrite5mTokens,
      ephemeral_1h_input_tokens: usage.cacheWrite1hTokens
    },
    output_tokens: usage.outputTokens,
    output_tokens_details: reasoningTokens === null ? null : { thinking_tokens: reasoningTokens },
    server_tool_use: null,
    service_tier: 'standard'
  }
}

export function chatUsageOf({ usage, reasoningTokens }: UsageReading): JsonObject {
  const prompt = totalInput(usage)
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.outputTokens,
    total_tokens: prompt + usage.outputTokens,
    prompt_tokens_details: inputDetails(usage),
    ...(reasoningTokens !== null && { completion_tokens_details: { reasoning_tokens: reasoningTokens } })
  }
}

export function responsesUsageOf({ usage, reasoningTokens }: UsageReading): JsonObject {
  const input = totalInput(usage)
  return {
    input_tokens: input,
    input_tokens_details: inputDetails(usage),
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens ?? 0 },
    total_tokens: input + usage.outputTokens
  }
}

function inputDetails(usage: Usage): JsonObject {
  return {
    cached_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheWrite5mTokens + usage.cacheWrite1hTokens
  }
}

interface Counts {
  readonly prompt: number | null
  readonly read: number | null
  readonly written: number | null
  readonly output: number | null
  readonly reasoning: number | null
}

function setFrom({ usage, reasoningTokens }: UsageReading, counts: Counts): UsageReading {
  const read = counts.read ?? usage.cacheReadTokens
  const written = counts.written ?? usage.cacheWrite5mTokens
  const prompt = counts.prompt ?? totalInput(usage)
  return {
    usage: {
      ...usage,
      // A provider whose parts exceed its whole is billed by the whole.
      inputTokens: Math.max(0, prompt - read - written),
      cacheReadTokens: Math.min(read, prompt),
      cacheWrite5mTokens: Math.min(written, Math.max(0, prompt - read)),
      outputTokens: counts.output ?? usage.outputTokens
    },
    reasoningTokens: counts.reasoning ?? reasoningTokens
  }
}

function firstCount(...values: readonly unknown[]): number | null {
  return values.find((value): value is number => isWhole(value, 0)) ?? null
}

function sumOf(a: unknown, b: unknown): number | null {
  return isWhole(a, 0) && isWhole(b, 0) ? a + b : null
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}
