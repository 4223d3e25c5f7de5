import type { Effort } from './neutral.js'

/** How a provider of OpenAI's chat format differs from the others. What it lacks is refused or left out, as `docs/gateway.md` says. */
export interface ChatQuirks {
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens'
  /**
   * Whether `stream_options.include_usage` is understood; `continuous`: each chunk can carry usage, so that the input is
   * known from the first one on.
   */
  readonly streamUsage: 'none' | 'last' | 'continuous'
  /** What instructions are called. */
  readonly systemRole: 'system' | 'developer'
  /** Whether text may come in several parts; else they are joined by a blank line. */
  readonly contentParts: boolean
  readonly images: boolean
  /** Whether PDFs may be sent, as parts of type `file`. */
  readonly documents: boolean
  /** How reasoning is asked for: `reasoning_effort`, `thinking: {type}`, both, `reasoning: {effort}` or `{max_tokens}`, or not at all. */
  readonly reasoning: 'effort' | 'switch' | 'both' | 'object' | 'none'
  /** Efforts that the provider knows; another is sent as the nearest above it, else below. */
  readonly efforts: readonly Effort[]
  /** The field in which the reasoning of turns with tool calls must be sent back. */
  readonly replaysReasoning: 'reasoning_content' | 'reasoning_details' | false
  readonly parallelToolCalls: boolean
  /**
   * Whether `tool_choice` may force a call: `required`, or a function by name. `unthinking`: only with reasoning switched
   * off, which is done where the client did not ask for any.
   */
  readonly forcedToolChoice: 'always' | 'unthinking' | 'never'
  /** Whether `function.strict` is understood. */
  readonly strictTools: boolean
  readonly jsonSchema: boolean
  readonly topK: boolean
  readonly verbosity: boolean
  readonly user: boolean
  /** Most stop sequences; null where the provider names no limit. */
  readonly stopMax: number | null
}

const OPENAI: ChatQuirks = {
  // "max_tokens … is now deprecated in favor of max_completion_tokens, and is not compatible with o-series models."
  maxTokensField: 'max_completion_tokens',
  streamUsage: 'last',
  // "With o1 models and newer, developer messages replace the previous system messages"; older ones take it as system.
  systemRole: 'developer',
  contentParts: true,
  images: true,
  // Parts of type `file` with `file_data`.
  documents: true,
  reasoning: 'effort',
  efforts: ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'],
  // The chat format gives no reasoning, so there is none to send back.
  replaysReasoning: false,
  parallelToolCalls: true,
  forcedToolChoice: 'always',
  strictTools: true,
  jsonSchema: true,
  topK: false,
  verbosity: true,
  user: true,
  // "Up to 4 sequences where the API will stop".
  stopMax: 4
}

/** What servers for open models have in common. */
const LOCAL: ChatQuirks = {
  ...OPENAI,
  maxTokensField: 'max_tokens',
  systemRole: 'system',
  documents: false,
  replaysReasoning: false,
  verbosity: false,
  user: false,
  topK: true,
  stopMax: null
}

/**
 * The providers that the catalog may name. Sources: OpenAI's API reference (and the types of openai 7.57); DeepSeek's pages
 * "Create chat completion" and "Thinking mode"; Moonshot's chat API page and its page on thinking models; OpenRouter's pages
 * "Parameters", "Reasoning tokens", "Usage accounting", "Streaming" and "PDF inputs" and its OpenAPI description; Ollama's page on
 * OpenAI compatibility; vLLM's OpenAI-compatible server; llama.cpp's server README.
 */
export const CHAT_QUIRKS = {
  openai: OPENAI,
  deepseek: {
    ...OPENAI,
    maxTokensField: 'max_tokens',
    systemRole: 'system',
    // Content is documented as a text only.
    contentParts: false,
    images: false,
    documents: false,
    // `{"thinking": {"type": "enabled/disabled"}}` and `{"reasoning_effort": "low/high/max"}`; the others it maps itself.
    reasoning: 'both',
    // Where tools were called, leaving it out of later turns is a 400.
    replaysReasoning: 'reasoning_content',
    parallelToolCalls: false,
    // Thinking mode takes no tool_choice that forces a call.
    forcedToolChoice: 'unthinking',
    // Strict mode is only on the beta address.
    strictTools: false,
    // `response_format` is text or json_object.
    jsonSchema: false,
    verbosity: false,
    user: false,
    // "Up to 16 sequences".
    stopMax: 16
  },
  moonshot: {
    ...OPENAI,
    // "max_tokens" is deprecated there, too.
    systemRole: 'system',
    documents: false,
    // kimi-k2.5 and k2.6 have the switch alone.
    reasoning: 'switch',
    efforts: [],
    // "reasoning_content is missing in assistant tool call message" is a 400.
    replaysReasoning: 'reasoning_content',
    parallelToolCalls: false,
    // "tool_choice 'specified' is incompatible with thinking enabled".
    forcedToolChoice: 'unthinking',
    strictTools: false,
    verbosity: false,
    user: false,
    // "At most 5 entries, each no longer than 32 bytes".
    stopMax: 5
  },
  openrouter: {
    ...OPENAI,
    // "max_tokens: deprecated, use max_completion_tokens"; usage always comes in the last chunk, and asking for it "has no effect".
    systemRole: 'system',
    // Where a model cannot read a PDF, OpenRouter reads it at a price by the page, which is in no usage.
    documents: false,
    // The unified `reasoning` object: "one of the following (not both)", `effort` or `max_tokens`, or `enabled` with neither.
    reasoning: 'object',
    // "Pass back unmodified"; `reasoning`, a text, for models that sign nothing.
    replaysReasoning: 'reasoning_details',
    topK: true
  },
  ollama: {
    ...LOCAL,
    efforts: ['low', 'medium', 'high'],
    // Not in its list of supported fields.
    parallelToolCalls: false,
    forcedToolChoice: 'never',
    strictTools: false,
    topK: false
  },
  vllm: {
    ...LOCAL,
    // `stream_options.continuous_usage_stats`.
    streamUsage: 'continuous',
    efforts: ['low', 'medium', 'high']
  },
  'llama.cpp': {
    ...LOCAL,
    reasoning: 'none',
    efforts: [],
    strictTools: false
  }
} as const satisfies Record<string, ChatQuirks>

export type ChatPreset = keyof typeof CHAT_QUIRKS

/** How a provider of Anthropic's format is asked for reasoning, and where it takes instructions. */
export interface MessagesQuirks {
  /** `adaptive` with an effort, or `enabled` with a budget in tokens. */
  readonly thinking: 'adaptive' | 'budget'
  /** Whether leaving `thinking` out means none; else it must be switched off. */
  readonly thinkingIsOffByDefault: boolean
  /** Whether `system` may stand in the middle of a conversation, after a user's turn. */
  readonly systemTurns: boolean
}

/**
 * By the model's id. Adaptive thinking came with Claude 4.6, and from 4.7 on a budget is refused (Anthropic's page on
 * adaptive thinking); `system` in the middle came with 4.8 ("What's new in Claude 4.8"), and older models refuse it. Other
 * vendors' models behind the same format take `enabled` and `disabled`, and think unless told not to (DeepSeek, thinking mode).
 */
export function messagesQuirksOf(upstreamModel: string): MessagesQuirks {
  const [, major, minor] =
    /claude-(?:[a-z]+-)(\d)(?:-(\d)(?!\d))?/.exec(upstreamModel) ??
    /claude-(\d)(?:-(\d)(?!\d))?/.exec(upstreamModel) ??
    []
  if (major === undefined) return { thinking: 'budget', thinkingIsOffByDefault: false, systemTurns: false }
  const version = Number(major) * 10 + Number(minor ?? 0)
  return { thinking: version >= 46 ? 'adaptive' : 'budget', thinkingIsOffByDefault: true, systemTurns: version >= 48 }
}
