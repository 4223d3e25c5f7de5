import { AppError } from '@caicaini/protocol'
import type { Usage } from '../../catalog/price.js'
import { tokenizerOf } from '../request/estimate.js'
import { isObject, type JsonObject } from '../request/value.js'
import { type Answer, addEvent, EMPTY_ANSWER } from './answer.js'
import { chatError, eventsOfChat } from './decode-chat.js'
import { eventsOfMessage } from './decode-messages.js'
import { chatOf } from './encode-chat.js'
import { messageOf } from './encode-messages.js'
import { createFreeformCalls } from './freeform.js'
import type { AnswerError, AnswerEvent, NeutralRequest, UpstreamFormat, WireFormat } from './neutral.js'
import { responseOf } from './responses-items.js'
import { createWatch } from './stream.js'

export interface PlainTranslation {
  readonly from: UpstreamFormat
  readonly to: WireFormat
  /** What was asked: some of it is repeated in the answer. */
  readonly request: NeutralRequest
  /** What the answer is named by. */
  readonly id: string
  readonly nowMs: number
  /** Stands in for the input's count where the provider gives none. */
  readonly inputTokensEstimated?: number
}

export interface TranslatedAnswer {
  readonly json: JsonObject
  readonly usage: Usage
  /** Whether the provider counted: else `usage` is an estimate. */
  readonly usageSeen: boolean
  readonly stopReason: string | null
  readonly model: string | null
  readonly messageId: string | null
}

/**
 * A provider's whole answer in the client's format, and what it used. Throws `AppError('upstream_error')`, or `overloaded`, where
 * it is no answer.
 */
export function translateAnswer(translation: PlainTranslation, json: unknown): TranslatedAnswer {
  const { to, request, id, nowMs, inputTokensEstimated = 0 } = translation
  const events = eventsOf(translation, json)
  const watch = createWatch(inputTokensEstimated, tokenizerOf(translation.from))
  for (const event of events) watch.note(event)
  const reading = watch.finish()
  const { usageSeen } = watch.state
  const called = events.flatMap(createFreeformCalls(request.tools))
  const answer = { ...called.reduce(addEvent, EMPTY_ANSWER), reading }
  const context = { id, nowMs, model: request.model }
  const { stopReason, model, messageId } = answer
  return {
    json: write(answer, { to, request, context }),
    usage: reading.usage,
    usageSeen,
    stopReason,
    model,
    messageId
  }
}

function eventsOf(
  { from, request, id }: Pick<PlainTranslation, 'from' | 'request' | 'id'>,
  json: unknown
): readonly AnswerEvent[] {
  // Some providers report an error with a status of 200; their words may name the operator's account.
  if (!isObject(json)) throw noAnswer(null)
  if (!isAnswer(json, from)) throw noAnswer(chatError(json.error))
  const events = from === 'messages' ? eventsOfMessage(json) : eventsOfChat(json, { answerId: id, stop: request.stop })
  for (const event of events) if (event.type === 'error') throw noAnswer(event.error)
  return events
}

function noAnswer(error: AnswerError | null): AppError {
  return error?.type === 'overloaded_error'
    ? new AppError('overloaded', 'The provider is overloaded; it was not charged')
    : new AppError('upstream_error', 'The provider sent no answer that could be read; it was not charged')
}

function isAnswer(json: JsonObject, from: UpstreamFormat): boolean {
  return from === 'messages' ? json.type === 'message' : Array.isArray(json.choices) && json.choices.length > 0
}

function write(
  answer: Answer,
  {
    to,
    request,
    context
  }: { to: WireFormat; request: NeutralRequest; context: { id: string; nowMs: number; model: string } }
): JsonObject {
  switch (to) {
    case 'messages':
      return messageOf(answer, context)
    case 'chat':
      return chatOf(answer, context)
    case 'responses':
      return responseOf(answer, { context, echo: request.echo, tools: request.tools })
  }
}
