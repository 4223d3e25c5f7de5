import { locateJsonFault } from './json-fault.js'
import type { TopLevelScan } from './splice.js'
import type { JsonObject } from './value.js'
import { invalid, show } from './value.js'

const MODEL_LENGTH_MAX = 256

/** What a client speaks: Anthropic's Messages, OpenAI's Chat Completions or Responses. */
export type ClientFormat = 'messages' | 'chat' | 'responses'

/** What is read of a request for an answer, whatever its format. */
export interface ClientRequest {
  readonly format: ClientFormat
  readonly scan: TopLevelScan
  readonly model: string
  /** Null where the client leaves it to the model. */
  readonly maxTokens: number | null
  /** The field that says so, or would. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens' | 'max_output_tokens'
  readonly stream: boolean
  /** Whether a stream's client asked for its usage; else what we asked for is not passed on. */
  readonly usageAsked: boolean
  /** `thinking.budget_tokens`: max_tokens must stay above it. Null where it is not given. */
  readonly thinkingBudget: number | null
  readonly body: JsonObject
}

// A byte order mark is no JSON: kept, so that JSON.parse refuses it here as providers do.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The body as JSON; throws `AppError('invalid_request')` that says where it is none. */
export function parseBody(bytes: Uint8Array): JsonObject {
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

/** The model's name; throws where there is none. */
export function readModel(model: unknown): string {
  if (model === undefined) throw invalid('model', 'is missing; GET /v1/models lists the names')
  if (typeof model !== 'string' || model === '') throw invalid('model', `must be a model's name, got ${show(model)}`)
  if (model.length > MODEL_LENGTH_MAX) {
    throw invalid('model', `must be at most ${MODEL_LENGTH_MAX} characters, got ${model.length}`)
  }
  return model
}

export function readStream(stream: unknown): boolean {
  if (stream === undefined) return false
  if (typeof stream !== 'boolean') throw invalid('stream', `must be true or false, got ${show(stream)}`)
  return stream
}
