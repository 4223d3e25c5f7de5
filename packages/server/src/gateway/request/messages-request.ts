import { locateJsonFault } from './json-fault.js'
import { refusePricedFields } from './priced-fields.js'
import { scanTopLevel, type TopLevelScan } from './splice.js'
import { invalid, isObject, isWhole, type JsonObject, show } from './value.js'

const MODEL_LENGTH_MAX = 256

/**
 * Every top-level field that this server reads. Each must be there once and plainly spelt, so that what
 * is checked and priced here is what the provider's parser sees.
 */
export const READ_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'max_tokens',
  'messages',
  'stream',
  'thinking',
  'system',
  'tools',
  'cache_control',
  'output_config',
  'output_format',
  'service_tier',
  'speed',
  'inference_geo',
  'fallbacks',
  'fallback_credit_token',
  'billing_policy',
  'mcp_servers',
  'container',
  'compaction',
  'context_management'
])

export interface MessagesRequest {
  readonly scan: TopLevelScan
  readonly model: string
  readonly maxTokens: number
  readonly stream: boolean
  /** `thinking.budget_tokens`: max_tokens must stay above it. Null where it is not given. */
  readonly thinkingBudget: number | null
  readonly body: JsonObject
}

// A byte order mark is no JSON: kept, so that JSON.parse refuses it here as providers do.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads the body of POST /v1/messages: strict in what this server reads, blind to the rest. Throws
 * `AppError('invalid_request')` that names the field and the mend.
 */
export function readMessagesRequest(bytes: Uint8Array): MessagesRequest {
  const scan = scanTopLevel(bytes, READ_FIELDS)
  const body = parseBody(bytes)
  const request = {
    scan,
    model: readModel(body.model),
    maxTokens: readMaxTokens(body.max_tokens),
    stream: readStream(body.stream),
    thinkingBudget: readThinkingBudget(body.thinking),
    body
  }
  checkMessages(body.messages)
  refusePricedFields(body)
  return request
}

function parseBody(bytes: Uint8Array): JsonObject {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    throw invalid('body', `is not valid UTF-8 at byte ${findInvalidUtf8(bytes)}; send UTF-8`)
  }
  try {
    // The scan has seen that it is an object.
    return JSON.parse(text) as JsonObject
  } catch {
    throw invalid('body', `is not valid JSON: ${locateJsonFault(bytes)}`)
  }
}

/** The first byte that is no UTF-8: decoding stops growing there. Only on the way to a refusal. */
function findInvalidUtf8(bytes: Uint8Array): number {
  let low = 0
  let high = bytes.length
  const stream = { stream: true }
  while (high - low > 1) {
    const middle = (low + high) >> 1
    try {
      // A sequence that is only cut off at the end is no fault yet.
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), stream)
      low = middle
    } catch {
      high = middle
    }
  }
  return low
}

function readModel(model: unknown): string {
  if (model === undefined) throw invalid('model', 'is missing; GET /v1/models lists the names')
  if (typeof model !== 'string' || model === '') throw invalid('model', `must be a model's name, got ${show(model)}`)
  if (model.length > MODEL_LENGTH_MAX) {
    throw invalid('model', `must be at most ${MODEL_LENGTH_MAX} characters, got ${model.length}`)
  }
  return model
}

function readMaxTokens(maxTokens: unknown): number {
  if (maxTokens === undefined) throw invalid('max_tokens', 'is missing; give the most tokens that the answer may have')
  if (!isWhole(maxTokens, 1))
    throw invalid('max_tokens', `must be a whole number of at least 1, got ${show(maxTokens)}`)
  return maxTokens
}

function readStream(stream: unknown): boolean {
  if (stream === undefined) return false
  if (typeof stream !== 'boolean') throw invalid('stream', `must be true or false, got ${show(stream)}`)
  return stream
}

function readThinkingBudget(thinking: unknown): number | null {
  if (thinking === undefined || thinking === null) return null
  if (!isObject(thinking)) throw invalid('thinking', `must be an object, got ${show(thinking)}`)
  const budget = thinking.budget_tokens
  if (budget === undefined || budget === null) return null
  if (!isWhole(budget, 1)) {
    throw invalid('thinking.budget_tokens', `must be a whole number of at least 1, got ${show(budget)}`)
  }
  return budget
}

function checkMessages(messages: unknown): void {
  if (messages === undefined) throw invalid('messages', 'is missing; send a list of {role, content}')
  if (!Array.isArray(messages) || messages.length === 0) {
    throw invalid('messages', `must be a list of at least one {role, content}, got ${show(messages)}`)
  }
  for (const [i, message] of messages.entries()) {
    if (!isObject(message)) throw invalid(`messages[${i}]`, `must be {role, content}, got ${show(message)}`)
    // Which roles there are is the provider's to say: it has come to take `system` here, too.
    if (typeof message.role !== 'string' || message.role === '') {
      throw invalid(`messages[${i}].role`, `must be "user" or "assistant", got ${show(message.role)}`)
    }
    if (typeof message.content !== 'string' && !Array.isArray(message.content)) {
      throw invalid(`messages[${i}].content`, `must be a text or a list of blocks, got ${show(message.content)}`)
    }
  }
}
