import type { JsonObject } from '../request/value.js'
import { budgetOf, effortOf, nearestEffort } from './effort.js'
import { lacking } from './field-names.js'
import type { NeutralRequest, OutputFormat, Reasoning, ToolChoice, ToolDefinition } from './neutral.js'
import type { ChatQuirks } from './quirks.js'
import { chatMessages } from './to-chat-messages.js'

export interface ToChatOptions {
  /** The id the provider knows the model by. */
  readonly upstreamModel: string
  /** Output tokens that are paid for; null leaves the field out. */
  readonly maxTokens: number | null
  readonly quirks: ChatQuirks
}

const USER_LENGTH_MAX = 64

/**
 * The request in OpenAI's chat format. Throws `AppError('invalid_request')` that names the client's own field where the
 * provider lacks what was asked for.
 */
export function toChat(request: NeutralRequest, { upstreamModel, maxTokens, quirks }: ToChatOptions): JsonObject {
  const { temperature, topP, topK, stop, verbosity, user } = request
  if (topK !== null && !quirks.topK) throw lacking(request, 'topK', 'leave it out')
  if (verbosity !== null && verbosity !== 'medium' && !quirks.verbosity) {
    throw lacking(request, 'verbosity', 'leave it out, and ask for it in the prompt')
  }
  if (quirks.stopMax !== null && stop.length > quirks.stopMax) {
    throw lacking(request, 'stop', `it takes at most ${quirks.stopMax} stop sequences, got ${stop.length}`)
  }
  return {
    model: upstreamModel,
    messages: chatMessages(request, quirks),
    ...(maxTokens !== null && { [quirks.maxTokensField]: maxTokens }),
    ...(request.stream && { stream: true, ...streamOptions(quirks) }),
    ...(temperature !== null && { temperature }),
    ...(topP !== null && { top_p: topP }),
    ...(topK !== null && { top_k: topK }),
    ...(stop.length > 0 && { stop }),
    ...chatTools(request, quirks),
    ...chatReasoning(request, { quirks, maxTokens }),
    ...(request.output !== null && { response_format: responseFormat(request, request.output, quirks) }),
    ...(verbosity !== null && quirks.verbosity && { verbosity }),
    ...(user !== null && quirks.user && user.length <= USER_LENGTH_MAX && { user })
  }
}

/** Usage is always asked for: it is what is billed. */
function streamOptions({ streamUsage }: ChatQuirks): JsonObject {
  if (streamUsage === 'none') return {}
  const continuous = streamUsage === 'continuous' && { continuous_usage_stats: true }
  return { stream_options: { include_usage: true, ...continuous } }
}

function chatTools(request: NeutralRequest, quirks: ChatQuirks): JsonObject {
  const { tools, toolChoice, parallelToolCalls: parallel } = request
  // OpenAI refuses both fields where there are no tools.
  if (tools.length === 0) return {}
  if (isForced(request)) refuseForcing(request, quirks)
  if (parallel === false && !quirks.parallelToolCalls) {
    throw lacking(request, 'parallelToolCalls', 'it cannot be kept to one call at a time; leave it out')
  }
  return {
    tools: tools.map((tool) => chatTool(tool, quirks)),
    ...(toolChoice !== null && { tool_choice: chatToolChoice(toolChoice) }),
    ...(parallel !== null && quirks.parallelToolCalls && { parallel_tool_calls: parallel })
  }
}

function isForced({ tools, toolChoice }: NeutralRequest): boolean {
  return tools.length > 0 && (toolChoice?.type === 'any' || toolChoice?.type === 'tool')
}

function refuseForcing(request: NeutralRequest, { forcedToolChoice }: ChatQuirks): void {
  const { reasoning } = request
  if (forcedToolChoice === 'never') {
    throw lacking(request, 'toolChoice', 'a call cannot be forced; leave it out, or send auto or none')
  }
  if (forcedToolChoice === 'unthinking' && reasoning !== null && reasoning.mode !== 'off') {
    throw lacking(request, 'toolChoice', 'a call cannot be forced while the model reasons; leave one of them out')
  }
}

function chatTool({ name, description, schema, strict }: ToolDefinition, quirks: ChatQuirks): JsonObject {
  return {
    type: 'function',
    function: {
      name,
      ...(description !== null && { description }),
      parameters: schema,
      ...(strict !== null && quirks.strictTools && { strict })
    }
  }
}

function chatToolChoice(choice: ToolChoice): unknown {
  if (choice.type === 'tool') return { type: 'function', function: { name: choice.name } }
  return choice.type === 'any' ? 'required' : choice.type
}

/** An effort asks for reasoning; `none` and a switch turned off are the way to ask for none. */
function chatReasoning(
  request: NeutralRequest,
  { quirks, maxTokens }: Pick<ToChatOptions, 'quirks' | 'maxTokens'>
): JsonObject {
  const { reasoning } = request
  if (quirks.forcedToolChoice === 'unthinking' && isForced(request)) return { thinking: { type: 'disabled' } }
  if (reasoning === null) return {}
  if (quirks.reasoning === 'object') return reasoningObject(reasoning, maxTokens)
  const isOff = reasoning.mode === 'off'
  const hasSwitch = quirks.reasoning === 'switch' || quirks.reasoning === 'both'
  const hasEffort = quirks.reasoning === 'effort' || quirks.reasoning === 'both'
  const wanted = effortOf(reasoning)
  const effort = wanted === null ? null : nearestEffort(wanted, quirks.efforts)
  return {
    ...(hasSwitch && { thinking: { type: isOff ? 'disabled' : 'enabled' } }),
    ...(hasEffort && !isOff && effort !== null && { reasoning_effort: effort }),
    ...(hasEffort && !hasSwitch && isOff && { reasoning_effort: 'none' })
  }
}

/** OpenRouter: `max_tokens` must be above the budget; a model that knows efforts alone is given the one that the budget comes to. */
function reasoningObject(asked: Reasoning, maxTokens: number | null): JsonObject {
  const { mode, effort, budgetTokens } = asked
  if (mode === 'off') return { reasoning: { effort: 'none' } }
  if (budgetTokens === null) return { reasoning: effort === null ? { enabled: true } : { effort } }
  const budget = maxTokens === null ? budgetTokens : budgetOf(asked, maxTokens)
  return budget === null ? {} : { reasoning: { max_tokens: budget } }
}

function responseFormat(request: NeutralRequest, output: OutputFormat, quirks: ChatQuirks): JsonObject {
  if (output.type === 'json_object') return { type: 'json_object' }
  if (!quirks.jsonSchema) throw lacking(request, 'output', 'leave it out, and describe the JSON in the prompt')
  const { name, description, schema, strict } = output
  return {
    type: 'json_schema',
    json_schema: {
      // OpenAI requires a name; Anthropic's format has none.
      name: name ?? 'answer',
      ...(description !== null && { description }),
      schema,
      ...(strict !== null && { strict })
    }
  }
}
