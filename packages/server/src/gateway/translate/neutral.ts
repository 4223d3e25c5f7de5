import type { Usage } from '../../catalog/price.js'
import type { JsonObject } from '../request/value.js'

/*
 * One model of a conversation, between the formats. A format is read into it and written from it, so
 * that three formats need three readers and not six translations. Names follow Anthropic's where both
 * have one. Nothing here knows how either side spells it.
 */

/** What a client speaks. */
export type WireFormat = 'messages' | 'chat' | 'responses'
/** What a provider speaks. */
export type UpstreamFormat = 'messages' | 'chat'

/** `cache_control` as it was given, for a provider that has it. */
interface Cacheable {
  readonly cacheControl?: JsonObject
}

export interface TextPart extends Cacheable {
  readonly type: 'text'
  readonly text: string
}

export type ImageSource =
  | { readonly type: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly type: 'url'; readonly url: string }

export interface ImagePart extends Cacheable {
  readonly type: 'image'
  readonly source: ImageSource
  /** Where the client put it, for a refusal that names it. */
  readonly field: string
}

export interface DocumentPart extends Cacheable {
  readonly type: 'document'
  readonly source: ImageSource | { readonly type: 'text'; readonly text: string }
  readonly title: string | null
  readonly context: string | null
  readonly field: string
}

/** Reasoning to be replayed; without a signature it is only text. */
export interface ThinkingPart {
  readonly type: 'thinking'
  readonly text: string
  readonly signature: string | null
}

/** Reasoning that only its own provider can read. */
export interface RedactedThinkingPart {
  readonly type: 'redacted_thinking'
  readonly data: string
}

export interface ToolCallPart extends Cacheable {
  readonly type: 'tool_call'
  readonly id: string
  readonly name: string
  /** JSON as it was written; what a model wrote need not be valid. Empty is `{}`. */
  readonly arguments: string
}

export type ResultPart = TextPart | ImagePart | DocumentPart

export interface ToolResultPart extends Cacheable {
  readonly type: 'tool_result'
  readonly toolCallId: string
  readonly content: readonly ResultPart[]
  readonly isError: boolean
}

export type UserPart = ResultPart | ToolResultPart
export type AssistantPart = TextPart | ThinkingPart | RedactedThinkingPart | ToolCallPart

export type Turn =
  | { readonly role: 'user'; readonly parts: readonly UserPart[] }
  | { readonly role: 'assistant'; readonly parts: readonly AssistantPart[] }
  /** Instructions in the middle of a conversation; those before it are `system`. */
  | { readonly role: 'system'; readonly parts: readonly TextPart[] }

export interface ToolDefinition extends Cacheable {
  readonly name: string
  /** Where the client's format groups its tools: the name of it there. `name` is what a model calls it by. */
  readonly grouped?: { readonly namespace: string; readonly name: string }
  readonly description: string | null
  /** JSON Schema of the arguments. */
  readonly schema: JsonObject
  readonly strict: boolean | null
  /** Whether the client knows it as a tool that takes a text and no JSON: the function's `input` is that text. */
  readonly freeform?: true
}

export type ToolChoice = { readonly type: 'auto' | 'any' | 'none' } | { readonly type: 'tool'; readonly name: string }

export const EFFORTS = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const
export type Effort = (typeof EFFORTS)[number]

export interface Reasoning {
  /** `auto`: the model decides. Null where only an effort was given. */
  readonly mode: 'off' | 'on' | 'auto' | null
  readonly effort: Effort | null
  readonly budgetTokens: number | null
}

export type OutputFormat =
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema'
      readonly name: string | null
      readonly description: string | null
      readonly schema: JsonObject
      readonly strict: boolean | null
    }

export interface NeutralRequest {
  /** The format it was read from: how a later refusal spells the field. */
  readonly from: WireFormat
  readonly model: string
  readonly system: readonly TextPart[]
  readonly turns: readonly Turn[]
  readonly tools: readonly ToolDefinition[]
  readonly toolChoice: ToolChoice | null
  /** Whether several calls in one answer are allowed; null where nothing was said. */
  readonly parallelToolCalls: boolean | null
  /** Null where the client's format lets it be left out. */
  readonly maxTokens: number | null
  readonly temperature: number | null
  readonly topP: number | null
  readonly topK: number | null
  readonly stop: readonly string[]
  readonly reasoning: Reasoning | null
  readonly output: OutputFormat | null
  readonly verbosity: string | null
  readonly user: string | null
  readonly stream: boolean
  /** Whether a chat client asked for a last chunk with usage. */
  readonly includeUsage: boolean
  /** Fields of the request that a Responses answer repeats. */
  readonly echo: JsonObject
}

/** Anthropic's names; OpenAI's are translated to them. */
export type StopReason =
  | 'end_turn'
  | 'max_tokens'
  | 'stop_sequence'
  | 'tool_use'
  | 'pause_turn'
  | 'refusal'
  | 'model_context_window_exceeded'

/** Usage as it stands: each is the whole so far, never a difference. */
export interface UsageReading {
  readonly usage: Usage
  /** Part of the output tokens; null where the provider does not say. */
  readonly reasoningTokens: number | null
}

/** `freeform_call`: of a tool whose input is a text, which the block's text is. Providers only know `tool_call`. */
export interface CallStart {
  readonly type: 'tool_call' | 'freeform_call'
  readonly id: string
  readonly name: string
}

export type BlockStart =
  | { readonly type: 'text' | 'thinking' | 'refusal' }
  | { readonly type: 'redacted_thinking'; readonly data: string }
  | CallStart

export interface AnswerError {
  readonly type: string
  readonly message: string
}

/**
 * What an answer says, piece by piece: `start`, then blocks strictly one after another, then `finish`,
 * then `end`. `usage` may come anywhere between. `error` is the last.
 */
export type AnswerEvent =
  | { readonly type: 'start'; readonly id: string | null; readonly model: string | null }
  | { readonly type: 'block_start'; readonly block: BlockStart }
  /** Text, thinking, refusal, partial JSON arguments or a freeform tool's input, by the block that is open. */
  | { readonly type: 'block_delta'; readonly text: string }
  /** The signature of the thinking block that is open. */
  | { readonly type: 'signature'; readonly signature: string }
  | { readonly type: 'block_stop' }
  | {
      readonly type: 'finish'
      readonly stopReason: StopReason
      readonly stopSequence: string | null
    }
  | ({ readonly type: 'usage' } & UsageReading)
  | { readonly type: 'end' }
  | { readonly type: 'error'; readonly error: AnswerError }
