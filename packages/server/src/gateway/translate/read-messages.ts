import { invalid, isObject, type JsonObject, show } from '../request/value.js'
import { checkFields } from './fields.js'
import { MESSAGES_FIELDS } from './messages-fields.js'
import type { NeutralRequest, OutputFormat, Reasoning, TextPart, ToolChoice, ToolDefinition, Turn } from './neutral.js'
import { readAssistantParts, readTextParts, readUserParts } from './read-messages-content.js'
import {
  cacheOf,
  isAbsent,
  readEffort,
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
 * Reads the body of POST /v1/messages. Throws `AppError('invalid_request')` that names the first field which cannot be
 * carried to a provider of another format.
 */
export function readMessages(body: JsonObject): NeutralRequest {
  checkFields(body, { table: MESSAGES_FIELDS, at: '', path: '' })
  const choice = readToolChoice(body.tool_choice)
  return {
    from: 'messages',
    model: readName(body.model, 'model'),
    system: readSystem(body.system),
    turns: readTurns(body.messages),
    tools: readList(body.tools, 'tools').map(readTool),
    ...choice,
    maxTokens: readTokens(body.max_tokens, 'max_tokens'),
    temperature: readNumber(body.temperature, 'temperature'),
    topP: readNumber(body.top_p, 'top_p'),
    topK: readNumber(body.top_k, 'top_k'),
    stop: readList(body.stop_sequences, 'stop_sequences').map((stop, i) => readText(stop, `stop_sequences[${i}]`)),
    reasoning: readReasoning(body),
    output: readOutput(body),
    verbosity: null,
    user: readUser(body.metadata),
    stream: readFlag(body.stream, 'stream') ?? false,
    includeUsage: true,
    echo: {}
  }
}

function readSystem(system: unknown): readonly TextPart[] {
  if (isAbsent(system)) return []
  return readTextParts(system, 'system', 'system[].')
}

function readTurns(messages: unknown): readonly Turn[] {
  const turns: Turn[] = []
  for (const [i, message] of readList(messages, 'messages').entries()) {
    const at = `messages[${i}]`
    const { role, content, ...others } = readObject(message, at)
    checkFields(others, { table: MESSAGES_FIELDS, at: `${at}.`, path: 'messages[].' })
    const field = `${at}.content`
    switch (readOneOf(role, ['user', 'assistant', 'system'], `${at}.role`)) {
      case 'user':
        turns.push({ role: 'user', parts: readUserParts(content, field) })
        break
      case 'assistant':
        turns.push({ role: 'assistant', parts: readAssistantParts(content, field) })
        break
      case 'system':
        turns.push({ role: 'system', parts: readTextParts(content, field, 'content[text].') })
    }
  }
  if (turns.length === 0) throw invalid('messages', 'must be a list of at least one {role, content}')
  return turns
}

function readTool(value: unknown, i: number): ToolDefinition {
  const at = `tools[${i}]`
  const tool = readObject(value, at)
  // Anthropic's own tools have no schema that another provider could be given.
  if (!isAbsent(tool.type) && tool.type !== 'custom') {
    throw invalid(`${at}.type`, `${show(tool.type)} is Anthropic's own; send a tool of your own (type "custom")`)
  }
  checkFields(tool, { table: MESSAGES_FIELDS, at: `${at}.`, path: 'tools[].' })
  for (const [j, caller] of readList(tool.allowed_callers, `${at}.allowed_callers`).entries()) {
    readOneOf(caller, ['direct'], `${at}.allowed_callers[${j}]`)
  }
  const description = readTextOrNull(tool.description, `${at}.description`)
  const examples = readList(tool.input_examples, `${at}.input_examples`)
  return {
    name: readName(tool.name, `${at}.name`),
    description: examples.length > 0 ? withExamples(description, examples) : description,
    schema: readObject(tool.input_schema, `${at}.input_schema`),
    strict: readFlag(tool.strict, `${at}.strict`),
    ...cacheOf(tool.cache_control)
  }
}

function withExamples(description: string | null, examples: readonly unknown[]): string {
  const lines = examples.map((example) => JSON.stringify(example))
  return `${description === null ? '' : `${description}\n\n`}Examples of input:\n${lines.join('\n')}`
}

function readToolChoice(value: unknown): Pick<NeutralRequest, 'toolChoice' | 'parallelToolCalls'> {
  if (isAbsent(value)) return { toolChoice: null, parallelToolCalls: null }
  const choice = readPart(value, 'tool_choice')
  const disabled = readFlag(choice.disable_parallel_tool_use, 'tool_choice.disable_parallel_tool_use')
  const type = readOneOf(choice.type, ['auto', 'any', 'none', 'tool'], 'tool_choice.type')
  const toolChoice: ToolChoice = type === 'tool' ? { type, name: readName(choice.name, 'tool_choice.name') } : { type }
  return { toolChoice, parallelToolCalls: disabled === null ? null : !disabled }
}

function readReasoning({ thinking, output_config: config }: JsonObject): Reasoning | null {
  const effort = isObject(config) ? readEffort(config.effort, 'output_config.effort') : null
  if (isAbsent(thinking)) return effort === null ? null : { mode: null, effort, budgetTokens: null }
  const { type, budget_tokens: budget } = readPart(thinking, 'thinking')
  const kind = readOneOf(type, ['enabled', 'disabled', 'adaptive', 'between_tools'], 'thinking.type')
  const mode = kind === 'enabled' ? 'on' : kind === 'disabled' ? 'off' : 'auto'
  return { mode, effort, budgetTokens: readTokens(budget, 'thinking.budget_tokens') }
}

function readOutput({ output_config: config, output_format: older }: JsonObject): OutputFormat | null {
  if (!isAbsent(config)) {
    const { format } = readPart(config, 'output_config')
    if (!isAbsent(format)) return readSchema(format, 'output_config.format')
  }
  return isAbsent(older) ? null : readSchema(older, 'output_format')
}

function readSchema(value: unknown, field: string): OutputFormat {
  const format = readObject(value, field)
  readOneOf(format.type, ['json_schema'], `${field}.type`)
  const schema = readObject(format.schema, `${field}.schema`)
  return { type: 'json_schema', name: null, description: null, schema, strict: true }
}

function readUser(metadata: unknown): string | null {
  return isAbsent(metadata) ? null : readTextOrNull(readPart(metadata, 'metadata').user_id, 'metadata.user_id')
}

/** An object among the request's fields, whose own fields are in the table too. */
function readPart(value: unknown, name: string): JsonObject {
  const part = readObject(value, name)
  checkFields(part, { table: MESSAGES_FIELDS, at: `${name}.`, path: `${name}.` })
  return part
}
