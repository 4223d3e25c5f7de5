import { AppError } from '@caicaini/protocol'
import type { Usage } from '../../catalog/price.js'
import { isObject, type JsonObject } from '../request/value.js'
import { type Answer, addEvent, EMPTY_ANSWER } from './answer.js'
import { chatError, eventsOfChat } from './decode-chat.js'
import { eventsOfMessage } from './decode-messages.js'
import { chatOf } from './encode-chat.js'
import { messageOf } from './encode-messages.js'
import type { AnswerEvent, NeutralRequest, UpstreamFormat, WireFormat } from './neutral.js'
import { responseOf } from './responses-items.js'
import { usageMember } from './usage.js'

export interface PlainTranslation {
  readonly from: UpstreamFormat
  readonly to: WireFormat
  /** What was asked: some of it is repeated in the answer. */
  readonly request: NeutralRequest
  /** What the answer is named by. */
  readonly id: string
  readonly nowMs: number
}

export interface TranslatedAnswer {
  readonly json: JsonObject
  readonly usage: Usage
  /** Whether the provider counted: else `usage` is zero and must be estimated. */
  readonly usageSeen: boolean
  readonly stopReason: string | null
  readonly model: string | null
  readonly messageId: string | null
}

/**
 * A provider's whole answer in the client's format, and what it used. Throws `AppError('upstream_error')` where it is no answer.
 */
export function translateAnswer({ from, to, request, id, nowMs }: PlainTranslation, json: unknown): TranslatedAnswer {
  const answer = eventsOf({ from, request, id }, json).reduce(addEvent, EMPTY_ANSWER)
  const context = { id, nowMs, model: request.model }
  const { stopReason, model, messageId } = answer
  return {
    json: write(answer, { to, request, context }),
    usage: answer.reading.usage,
    usageSeen: isObject(json) && isObject(usageMember(json)),
    stopReason,
    model,
    messageId
  }
}

function eventsOf(
  { from, request, id }: Pick<PlainTranslation, 'from' | 'request' | 'id'>,
  json: unknown
): readonly AnswerEvent[] {
  if (!isObject(json) || !isAnswer(json, from)) {
    // Some providers report an error with a status of 200; their words may name the operator's account.
    throw isObject(json) && json.error !== undefined && chatError(json.error).type === 'overloaded_error'
      ? new AppError('overloaded', 'The provider is overloaded; it was not charged')
      : new AppError('upstream_error', 'The provider sent no answer that could be read; it was not charged')
  }
  return from === 'messages' ? eventsOfMessage(json) : eventsOfChat(json, { answerId: id, stop: request.stop })
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
      return responseOf(answer, { context, echo: request.echo })
  }
}
