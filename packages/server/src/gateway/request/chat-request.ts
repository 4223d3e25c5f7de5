import { type ClientRequest, parseBody, readModel, readStream } from './client-request.js'
import { scanTopLevel } from './splice.js'
import { invalid, isObject, isWhole, type JsonObject, show } from './value.js'

/*
 * The body of POST /v1/chat/completions (OpenAI's API reference, create chat completion). What is read
 * here must stand there once, plainly spelt; the rest passes through, or is the translation's to judge.
 */

const READ_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'n',
  'best_of',
  'service_tier',
  'modalities',
  'audio',
  'web_search_options',
  'tools',
  'functions',
  'reasoning_effort',
  'response_format',
  'prediction'
])

/** Fields that change what the provider charges in a way that the rate card does not price. */
const UNPRICED: Readonly<Record<string, { readonly free: readonly unknown[]; readonly mend: string }>> = {
  service_tier: { free: ['auto', 'default'], mend: 'only "auto" and "default" are priced here' },
  n: { free: [1], mend: 'send one request for each answer' },
  best_of: { free: [1], mend: 'send one request for each answer' },
  audio: { free: [], mend: 'spoken answers are not priced here' },
  web_search_options: {
    free: [],
    mend: 'searches at the provider are not priced here; search with a tool of your own'
  },
  prediction: { free: [], mend: 'predicted outputs are billed apart and not priced here' }
}

/** Reads it; throws `AppError('invalid_request')` that names the field and the mend. */
export function readChatRequest(bytes: Uint8Array): ClientRequest {
  const scan = scanTopLevel(bytes, READ_FIELDS)
  const body = parseBody(bytes)
  refuseUnpriced(body)
  checkMessages(body.messages)
  const field = body.max_completion_tokens !== undefined ? 'max_completion_tokens' : 'max_tokens'
  return {
    format: 'chat',
    scan,
    model: readModel(body.model),
    maxTokens: readMaxTokens(body, field),
    maxTokensField: field,
    stream: readStream(body.stream ?? undefined),
    usageAsked: isObject(body.stream_options) && body.stream_options.include_usage === true,
    thinkingBudget: null,
    body
  }
}

function refuseUnpriced(body: JsonObject): void {
  for (const [field, { free, mend }] of Object.entries(UNPRICED)) {
    const value = body[field]
    if (value === undefined || value === null || free.includes(value)) continue
    throw invalid(field, `${show(value)} is not served: ${mend}`)
  }
  if (Array.isArray(body.modalities) && body.modalities.some((each) => each !== 'text'))
    throw invalid('modalities', `${show(body.modalities)} is not served: only "text" is priced here`)
}

export function readMaxTokens(body: JsonObject, field: string): number | null {
  const value = body[field]
  if (value === undefined || value === null) return null
  if (!isWhole(value, 1)) throw invalid(field, `must be a whole number of at least 1, got ${show(value)}`)
  return value
}

function checkMessages(messages: unknown): void {
  if (messages === undefined) throw invalid('messages', 'is missing; send a list of {role, content}')
  if (!Array.isArray(messages) || messages.length === 0)
    throw invalid('messages', `must be a list of at least one {role, content}, got ${show(messages)}`)
  for (const [i, message] of messages.entries()) {
    if (!isObject(message)) throw invalid(`messages[${i}]`, `must be {role, content}, got ${show(message)}`)
    if (typeof message.role !== 'string' || message.role === '')
      throw invalid(`messages[${i}].role`, `must be "system", "user", "assistant" or "tool", got ${show(message.role)}`)
  }
}
