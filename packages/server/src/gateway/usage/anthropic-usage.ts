import { NO_USAGE, type Usage } from '../../catalog/price.js'
import { isObject, isWhole } from '../request/value.js'

/**
 * `previous` with what Anthropic's `usage` object says set over it. Set, never added: the usage of
 * message_delta is cumulative and may repeat the input fields (Anthropic's docs, streaming).
 */
export function setUsage(previous: Usage, usage: unknown): Usage {
  if (!isObject(usage)) return previous
  const write = readCacheWrite(previous, usage)
  return {
    inputTokens: countOr(previous.inputTokens, usage.input_tokens),
    outputTokens: countOr(previous.outputTokens, usage.output_tokens),
    cacheReadTokens: countOr(previous.cacheReadTokens, usage.cache_read_input_tokens),
    cacheWrite5mTokens: write.in5m,
    cacheWrite1hTokens: write.in1h,
    toolCalls: readToolCalls(previous.toolCalls, usage.server_tool_use)
  }
}

/** `{"web_search_requests": 2}` is two calls of `web_search`. Cumulative like the rest: set, never added. */
function readToolCalls(previous: Usage['toolCalls'], counts: unknown): Usage['toolCalls'] {
  if (!isObject(counts)) return previous
  const calls: Record<string, number> = { ...previous }
  for (const [field, count] of Object.entries(counts)) {
    const [, tool] = /^([a-z_]+)_requests$/.exec(field) ?? []
    if (tool !== undefined && isWhole(count, 0)) calls[tool] = count
  }
  return calls
}

interface CacheWrite {
  readonly in5m: number
  readonly in1h: number
}

function readCacheWrite(previous: Usage, usage: Readonly<Record<string, unknown>>): CacheWrite {
  const total = usage.cache_creation_input_tokens
  const split = usage.cache_creation
  const known = { in5m: previous.cacheWrite5mTokens, in1h: previous.cacheWrite1hTokens }
  if (isObject(split)) {
    const in5m = countOr(0, split.ephemeral_5m_input_tokens)
    const in1h = countOr(0, split.ephemeral_1h_input_tokens)
    // A split that does not add up to the total leaves the rest at five minutes, the default lifetime.
    return isWhole(total, 0) ? { in5m: Math.max(in5m, total - in1h), in1h } : { in5m, in1h }
  }
  if (!isWhole(total, 0)) return known
  // message_delta repeats the total without the split of message_start: the split stands.
  const in1h = known.in5m === 0 && known.in1h > 0 ? total : Math.min(known.in1h, total)
  return { in5m: total - in1h, in1h }
}

function countOr(previous: number, value: unknown): number {
  return isWhole(value, 0) ? value : previous
}

/** What a whole answer that was not streamed says of itself. */
export interface PlainAnswer {
  readonly usage: Usage
  readonly stopReason: string | null
  readonly model: string | null
  readonly messageId: string | null
}

/** Reads a plain answer; undefined where it is not a message with usage, which is no answer to bill. */
export function readPlainUsage(json: unknown): PlainAnswer | undefined {
  if (!isObject(json) || json.type !== 'message' || !isObject(json.usage)) return undefined
  return {
    usage: setUsage(NO_USAGE, json.usage),
    stopReason: textOrNull(json.stop_reason),
    model: textOrNull(json.model),
    messageId: textOrNull(json.id)
  }
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
