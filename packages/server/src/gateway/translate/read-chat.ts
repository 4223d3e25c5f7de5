import { invalid, isObject, type JsonObject, show } from '../request/value.js'
import { CHAT_FIELDS } from './chat-fields.js'
import { checkFields } from './fields.js'
import { readFreeformTool } from './freeform.js'
import {
  EFFORTS,
  type NeutralRequest,
  type OutputFormat,
  type Reasoning,
  type ToolChoice,
  type ToolDefinition
} from './neutral.js'
import { readChatConversation } from './read-chat-messages.js'
import {
  cacheOf,
  isAbsent,
  readFlag,
  readList,
  readName,
  readNumber,
  readObject,
  readOneOf,
  readText,
  readTextOrNull,
  readTokens
} from './read-values.js'

/**
 * Reads the body of POST /v1/chat/completions. Throws `AppError('invalid_request')` that names the first field which cannot be
 * carried to a provider of another format.
 */
export function readChat(body: JsonObject): NeutralRequest {
  checkFields(body, { table: CHAT_FIELDS, at: '', path: '' })
  for (const [i, modality] of readList(body.modalities, 'modalities').entries()) {
    readOneOf(modality, ['text'], `modalities[${i}]`)
  }
  const options = isAbsent(body.stream_options) ? {} : readMember(body.stream_options, 'stream_options')
  return {
    from: 'chat',
    model: readName(body.model, 'model'),
    ...readChatConversation(body.messages),
    tools: readList(body.tools, 'tools').map(readTool),
    toolChoice: readToolChoice(body.tool_choice),
    parallelToolCalls: readFlag(body.parallel_tool_calls, 'parallel_tool_calls'),
    maxTokens:
      readTokens(body.max_completion_tokens, 'max_completion_tokens') ?? readTokens(body.max_tokens, 'max_tokens'),
    temperature: readNumber(body.temperature, 'temperature'),
    topP: readNumber(body.top_p, 'top_p'),
    topK: readNumber(body.top_k, 'top_k'),
    stop: readStop(body.stop),
    reasoning: readReasoning(body),
    output: isAbsent(body.response_format) ? null : readOutput(body.response_format),
    verbosity: readTextOrNull(body.verbosity, 'verbosity'),
    user: readTextOrNull(body.safety_identifier, 'safety_identifier') ?? readTextOrNull(body.user, 'user'),
    stream: readFlag(body.stream, 'stream') ?? false,
    includeUsage: readFlag(options.include_usage, 'stream_options.include_usage') ?? false,
    echo: {}
  }
}

/** An object among the request's fields, whose own fields are in the table too. */
function readMember(value: unknown, name: string): JsonObject {
  const member = readObject(value, name)
  checkFields(member, { table: CHAT_FIELDS, at: `${name}.`, path: `${name}.` })
  return member
}

function readStop(stop: unknown): readonly string[] {
  if (typeof stop === 'string') return [stop]
  return readList(stop, 'stop').map((sequence, i) => readText(sequence, `stop[${i}]`))
}

function readTool(value: unknown, i: number): ToolDefinition {
  const at = `tools[${i}]`
  const tool = readObject(value, at)
  checkFields(tool, { table: CHAT_FIELDS, at: `${at}.`, path: 'tools[].' })
  if (readOneOf(tool.type, ['function', 'custom'], `${at}.type`) === 'custom') return readCustomTool(tool, at)
  const given = readObject(tool.function, `${at}.function`)
  checkFields(given, { table: CHAT_FIELDS, at: `${at}.function.`, path: 'tools[].function.' })
  return { ...readFunction(given, `${at}.function`), ...cacheOf(tool.cache_control) }
}

function readCustomTool(tool: JsonObject, at: string): ToolDefinition {
  const given = readObject(tool.custom, `${at}.custom`)
  const place = { table: CHAT_FIELDS, at: `${at}.custom`, path: 'tools[].custom.' }
  checkFields(given, { ...place, at: `${at}.custom.` })
  return { ...readFreeformTool(given, place), ...cacheOf(tool.cache_control) }
}

/** A function as both of OpenAI's formats describe it; without parameters it takes none. */
export function readFunction(given: JsonObject, at: string): ToolDefinition {
  const { name, description, parameters, strict } = given
  return {
    name: readName(name, `${at}.name`),
    description: readTextOrNull(description, `${at}.description`),
    schema: isAbsent(parameters) ? { type: 'object', properties: {} } : readObject(parameters, `${at}.parameters`),
    strict: readFlag(strict, `${at}.strict`)
  }
}

function readToolChoice(value: unknown): ToolChoice | null {
  if (isAbsent(value)) return null
  if (typeof value === 'string') return readToolMode(value)
  const choice = readObject(value, 'tool_choice')
  const kind = readForcedKind(choice.type)
  const { name } = readObject(choice[kind], `tool_choice.${kind}`)
  return { type: 'tool', name: readName(name, `tool_choice.${kind}.name`) }
}

/** What kind of tool a request forces, as both of OpenAI's formats spell it. */
export function readForcedKind(type: unknown): 'function' | 'custom' {
  if (type === 'function' || type === 'custom') return type
  const instead = 'send auto, none, required, a function or a custom tool'
  throw invalid('tool_choice.type', `${show(type)} cannot be carried; ${instead}`)
}

export function readToolMode(value: string): ToolChoice {
  const mode = readOneOf(value, ['auto', 'none', 'required'], 'tool_choice')
  return { type: mode === 'required' ? 'any' : mode }
}

function readReasoning({ reasoning_effort: effort, thinking }: JsonObject): Reasoning | null {
  const asked = readOpenAiEffort(effort, 'reasoning_effort')
  if (isAbsent(thinking)) return asked
  const { type } = readMember(thinking, 'thinking')
  const mode = readOneOf(type, ['enabled', 'disabled'], 'thinking.type') === 'enabled' ? 'on' : 'off'
  return { mode, effort: asked?.effort ?? null, budgetTokens: null }
}

/** An effort as both of OpenAI's formats spell it. */
export function readOpenAiEffort(value: unknown, field: string): Reasoning | null {
  if (isAbsent(value)) return null
  const effort = readOneOf(value, ['none', ...EFFORTS], field)
  return effort === 'none'
    ? { mode: 'off', effort: null, budgetTokens: null }
    : { mode: null, effort, budgetTokens: null }
}

function readOutput(value: unknown): OutputFormat | null {
  const format = readMember(value, 'response_format')
  switch (readOneOf(format.type, ['text', 'json_object', 'json_schema'], 'response_format.type')) {
    case 'text':
      return null
    case 'json_object':
      return { type: 'json_object' }
    case 'json_schema':
      return readNamedSchema(format.json_schema)
  }
}

function readNamedSchema(value: unknown): OutputFormat {
  const at = 'response_format.json_schema'
  const given = readObject(value, at)
  checkFields(given, { table: CHAT_FIELDS, at: `${at}.`, path: 'json_schema.' })
  return readJsonSchema(given, at)
}

/** A schema as both of OpenAI's formats describe it. */
export function readJsonSchema(given: JsonObject, at: string): OutputFormat {
  if (!isObject(given.schema)) throw invalid(`${at}.schema`, `must be an object, got ${show(given.schema)}`)
  return {
    type: 'json_schema',
    name: readTextOrNull(given.name, `${at}.name`),
    description: readTextOrNull(given.description, `${at}.description`),
    schema: given.schema,
    strict: readFlag(given.strict, `${at}.strict`)
  }
}
