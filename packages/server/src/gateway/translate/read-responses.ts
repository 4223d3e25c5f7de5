import type { JsonObject } from '../request/value.js'
import { checkFields } from './fields.js'
import type { NeutralRequest, OutputFormat, TextPart, ToolChoice } from './neutral.js'
import { readForcedKind, readJsonSchema, readOpenAiEffort, readToolMode } from './read-chat.js'
import { readInput } from './read-responses-input.js'
import { readTools } from './read-responses-tools.js'
import {
  isAbsent,
  readFlag,
  readName,
  readNumber,
  readObject,
  readOneOf,
  readTextOrNull,
  readTokens,
  textPart
} from './read-values.js'
import { RESPONSES_FIELDS } from './responses-fields.js'

/** Fields that the answer repeats as they were given. */
const ECHOED = [
  'instructions',
  'max_output_tokens',
  'metadata',
  'parallel_tool_calls',
  'reasoning',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_p',
  'user'
]

/**
 * Reads the body of POST /v1/responses. Throws `AppError('invalid_request')` that names the first field which cannot be carried.
 * `store` left out is taken for false: nothing is ever kept.
 */
export function readResponses(body: JsonObject): NeutralRequest {
  checkFields(body, { table: RESPONSES_FIELDS, at: '', path: '' })
  const text = isAbsent(body.text) ? {} : readMember(body.text, 'text')
  const { system, turns } = readInput(body.input)
  return {
    from: 'responses',
    model: readName(body.model, 'model'),
    system: [...readInstructions(body.instructions), ...system],
    turns,
    tools: readTools(body),
    toolChoice: readToolChoice(body.tool_choice),
    parallelToolCalls: readFlag(body.parallel_tool_calls, 'parallel_tool_calls'),
    maxTokens: readTokens(body.max_output_tokens, 'max_output_tokens'),
    temperature: readNumber(body.temperature, 'temperature'),
    topP: readNumber(body.top_p, 'top_p'),
    topK: null,
    stop: [],
    reasoning: readReasoning(body.reasoning),
    output: isAbsent(text.format) ? null : readOutput(readMember(text.format, 'text.format', 'format')),
    verbosity: readTextOrNull(text.verbosity, 'text.verbosity'),
    user: readTextOrNull(body.safety_identifier, 'safety_identifier') ?? readTextOrNull(body.user, 'user'),
    stream: readFlag(body.stream, 'stream') ?? false,
    includeUsage: true,
    echo: Object.fromEntries(ECHOED.flatMap((name) => (isAbsent(body[name]) ? [] : [[name, body[name]]])))
  }
}

/** An object among the request's fields, whose own fields are in the table too. */
function readMember(value: unknown, name: string, path = name): JsonObject {
  const member = readObject(value, name)
  checkFields(member, { table: RESPONSES_FIELDS, at: `${name}.`, path: `${path}.` })
  return member
}

function readInstructions(value: unknown): readonly TextPart[] {
  const text = readTextOrNull(value, 'instructions')
  return text === null || text === '' ? [] : [textPart(text)]
}

function readToolChoice(value: unknown): ToolChoice | null {
  if (isAbsent(value)) return null
  if (typeof value === 'string') return readToolMode(value)
  const choice = readObject(value, 'tool_choice')
  readForcedKind(choice.type)
  return { type: 'tool', name: readName(choice.name, 'tool_choice.name') }
}

function readReasoning(value: unknown): NeutralRequest['reasoning'] {
  if (isAbsent(value)) return null
  const { effort } = readMember(value, 'reasoning')
  return readOpenAiEffort(effort, 'reasoning.effort')
}

function readOutput(format: JsonObject): OutputFormat | null {
  switch (readOneOf(format.type, ['text', 'json_object', 'json_schema'], 'text.format.type')) {
    case 'text':
      return null
    case 'json_object':
      return { type: 'json_object' }
    case 'json_schema':
      return readJsonSchema(format, 'text.format')
  }
}
