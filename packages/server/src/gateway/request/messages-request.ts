import { type ClientRequest, parseBody, readModel, readStream } from './client-request.js'
import { refusePricedFields, refuseThread } from './priced-fields.js'
import { scanTopLevel } from './splice.js'
import { invalid, isObject, isWhole, show } from './value.js'

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
  'context_management',
  'thread'
])

export interface MessagesRequest extends ClientRequest {
  readonly format: 'messages'
  readonly maxTokens: number
}

/**
 * Reads the body of POST /v1/messages: strict in what this server reads, blind to the rest. Throws
 * `AppError('invalid_request')` that names the field and the mend.
 */
export function readMessagesRequest(bytes: Uint8Array): MessagesRequest {
  const scan = scanTopLevel(bytes, READ_FIELDS)
  const body = parseBody(bytes)
  const request: MessagesRequest = {
    format: 'messages',
    scan,
    model: readModel(body.model),
    maxTokens: readMaxTokens(body.max_tokens),
    maxTokensField: 'max_tokens',
    stream: readStream(body.stream),
    usageAsked: true,
    thinkingBudget: readThinkingBudget(body.thinking),
    body
  }
  refuseThread(body)
  checkMessages(body.messages)
  refusePricedFields(body)
  return request
}

function readMaxTokens(maxTokens: unknown): number {
  if (maxTokens === undefined) throw invalid('max_tokens', 'is missing; give the most tokens that the answer may have')
  if (!isWhole(maxTokens, 1))
    throw invalid('max_tokens', `must be a whole number of at least 1, got ${show(maxTokens)}`)
  return maxTokens
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
