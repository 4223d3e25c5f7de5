import type { AnswerError, StopReason } from './neutral.js'

const STOP_REASONS: readonly StopReason[] = [
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded'
]

/** Anthropic's own; one that is not known yet ends a turn. */
export function stopReasonOfMessages(reason: unknown): StopReason {
  return STOP_REASONS.find((known) => known === reason) ?? 'end_turn'
}

/** OpenAI's `finish_reason`; some providers say `stop` where they called tools. */
export function stopReasonOfChat(reason: string, calledTools: boolean): StopReason {
  switch (reason) {
    case 'length':
      return 'max_tokens'
    case 'tool_calls':
    case 'function_call':
      return 'tool_use'
    case 'content_filter':
      return 'refusal'
    default:
      return calledTools ? 'tool_use' : 'end_turn'
  }
}

/**
 * A `finish_reason` that is no end but a failure: DeepSeek's, when "the request is interrupted due to insufficient resource", and
 * OpenRouter's `error`, which stands beside an error object.
 */
export function failureOfChat(reason: string): AnswerError | null {
  if (reason === 'error') return { type: 'api_error', message: 'The provider broke off' }
  return reason === 'insufficient_system_resource'
    ? { type: 'overloaded_error', message: 'The provider ran out of resources' }
    : null
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter'

export function finishReasonOf(reason: StopReason): FinishReason {
  switch (reason) {
    case 'end_turn':
    case 'stop_sequence':
    // The turn may be sent back to go on; the chat format has no word for that.
    case 'pause_turn':
      return 'stop'
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length'
    case 'tool_use':
      return 'tool_calls'
    case 'refusal':
      return 'content_filter'
  }
}

export interface ResponseStatus {
  readonly status: 'completed' | 'incomplete'
  readonly incomplete_details: { readonly reason: 'max_output_tokens' | 'content_filter' } | null
}

export function responseStatusOf(reason: StopReason): ResponseStatus {
  switch (finishReasonOf(reason)) {
    case 'length':
      return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }
    case 'content_filter':
      return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }
    case 'stop':
    case 'tool_calls':
      return { status: 'completed', incomplete_details: null }
  }
}
