import type { JsonObject } from '../request/value.js'
import { budgetOf, effortOf } from './effort.js'
import { lacking } from './field-names.js'
import type { NeutralRequest, TextPart, ToolDefinition } from './neutral.js'
import { type MessagesQuirks, messagesQuirksOf } from './quirks.js'
import { anthropicMessages, endsInUnsignedToolRound } from './to-messages-turns.js'

export interface ToMessagesOptions {
  /** The id the provider knows the model by. */
  readonly upstreamModel: string
  /** Anthropic's format requires it. */
  readonly maxTokens: number
  readonly quirks?: MessagesQuirks
}

/**
 * The request in Anthropic's Messages format. Throws `AppError('invalid_request')` that names the client's own field for what
 * that format lacks.
 */
export function toMessages(request: NeutralRequest, options: ToMessagesOptions): JsonObject {
  const { upstreamModel, maxTokens, quirks = messagesQuirksOf(upstreamModel) } = options
  const { temperature, topP, topK, stop, tools, user } = request
  if (request.verbosity !== null && request.verbosity !== 'medium') {
    throw lacking(request, 'verbosity', 'leave it out, and ask for it in the prompt')
  }
  const { messages, hoisted } = anthropicMessages(request.turns, quirks)
  const system = [...request.system, ...hoisted].filter(({ text }) => text !== '')
  return {
    model: upstreamModel,
    max_tokens: maxTokens,
    ...(system.length > 0 && { system: system.map(systemBlock) }),
    messages,
    ...(request.stream && { stream: true }),
    // OpenAI's range ends at 2, Anthropic's at 1 (Anthropic's compatibility page: "Values greater than 1 are capped at 1").
    ...(temperature !== null && { temperature: Math.min(temperature, 1) }),
    ...(topP !== null && { top_p: topP }),
    ...(topK !== null && { top_k: topK }),
    ...(stop.length > 0 && { stop_sequences: stop }),
    ...(tools.length > 0 && { tools: tools.map(anthropicTool) }),
    ...anthropicToolChoice(request),
    ...reasoningAndOutput(request, maxTokens, quirks),
    ...(user !== null && { metadata: { user_id: user } })
  }
}

function systemBlock({ text, cacheControl }: TextPart): JsonObject {
  return { type: 'text', text, ...(cacheControl && { cache_control: cacheControl }) }
}

function anthropicTool({ name, description, schema, strict, cacheControl }: ToolDefinition): JsonObject {
  return {
    name,
    ...(description !== null && { description }),
    // OpenAI lets a function without parameters leave the schema out; Anthropic requires an object's.
    input_schema: { type: 'object', ...schema },
    ...(strict !== null && { strict }),
    ...(cacheControl && { cache_control: cacheControl })
  }
}

function anthropicToolChoice({ tools, toolChoice, parallelToolCalls: parallel }: NeutralRequest): JsonObject {
  if (tools.length === 0 || (toolChoice === null && parallel === null)) return {}
  const choice = toolChoice ?? { type: 'auto' as const }
  // `none` has nothing to be parallel.
  const disable = parallel !== null && choice.type !== 'none' && { disable_parallel_tool_use: !parallel }
  return { tool_choice: { ...choice, ...disable } }
}

function reasoningAndOutput(request: NeutralRequest, maxTokens: number, quirks: MessagesQuirks): JsonObject {
  const thinking = thinkingOf(request, maxTokens, quirks)
  const effort = quirks.thinking === 'adaptive' ? anthropicEffort(request) : null
  const format = outputFormat(request)
  const config = { ...(effort !== null && { effort }), ...(format && { format }) }
  return { ...(thinking && { thinking }), ...(Object.keys(config).length > 0 && { output_config: config }) }
}

function anthropicEffort({ reasoning }: NeutralRequest): string | null {
  if (reasoning === null || reasoning.mode === 'off') return null
  const effort = effortOf(reasoning)
  // Anthropic's lowest is `low`.
  return effort === 'minimal' ? 'low' : effort
}

function thinkingOf(request: NeutralRequest, maxTokens: number, quirks: MessagesQuirks): JsonObject | null {
  const { reasoning, turns } = request
  if (reasoning === null) return null
  const off = quirks.thinkingIsOffByDefault ? null : { type: 'disabled' }
  if (reasoning.mode === 'off') return off
  if (quirks.thinking === 'adaptive') return { type: 'adaptive' }
  // With a budget, an assistant's turn that results answer must begin with its signed thinking, or the request is refused.
  if (endsInUnsignedToolRound(turns)) return off
  const budget = budgetOf(reasoning, maxTokens)
  return budget === null ? off : { type: 'enabled', budget_tokens: budget }
}

function outputFormat(request: NeutralRequest): JsonObject | null {
  const { output } = request
  if (output === null) return null
  if (output.type === 'json_object') throw lacking(request, 'output', 'send json_schema with a schema')
  return { type: 'json_schema', schema: output.schema }
}
