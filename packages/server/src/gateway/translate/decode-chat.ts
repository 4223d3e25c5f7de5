import { isObject, isWhole, type JsonObject } from '../request/value.js'
import { textOrNull } from '../usage/anthropic-usage.js'
import { createCallQueue } from './call-queue.js'
import { createChatWords } from './chat-words.js'
import { type Decoder, errorOf, parseObject } from './decode-messages.js'
import type { AnswerEvent } from './neutral.js'
import { textOfDetail } from './reasoning-details.js'
import { failureOfChat, stopReasonOfChat } from './stop-reason.js'
import { NOTHING_READ, setChatUsage, usageMember } from './usage.js'

export interface ChatDecoderOptions {
  /** Names calls that come without an id. */
  readonly answerId: string
  /** Stop sequences of the request: vLLM says in the choice's `stop_reason` which one it met. */
  readonly stop: readonly string[]
}

/** Reads a stream of OpenAI's chat format, whose text, reasoning and calls may come in any order, as blocks one after another. */
export function createChatDecoder({ answerId, stop }: ChatDecoderOptions): Decoder {
  const calls = createCallQueue(answerId)
  const words = createChatWords(calls)
  let reading = NOTHING_READ
  let started = false
  let refused = false
  let finished = false
  let ended = false

  function start(chunk: JsonObject): readonly AnswerEvent[] {
    if (started) return []
    started = true
    return [{ type: 'start', id: textOrNull(chunk.id), model: textOrNull(chunk.model) }]
  }

  function takeUsage(chunk: JsonObject): readonly AnswerEvent[] {
    const usage = usageMember(chunk)
    if (!isObject(usage)) return []
    reading = setChatUsage(reading, usage)
    return [{ type: 'usage', ...reading }]
  }

  function takeDelta(delta: JsonObject): readonly AnswerEvent[] {
    refused ||= typeof delta.refusal === 'string' && delta.refusal !== ''
    const details = Array.isArray(delta.reasoning_details) ? delta.reasoning_details.filter(isObject) : []
    const hasText = details.some(textOfDetail)
    const events = [
      ...details.flatMap(words.sayDetail),
      // `reasoning` is what vLLM, Ollama and OpenRouter call it; beside details it says the same once more.
      ...(hasText ? [] : words.say('thinking', delta.reasoning_content ?? delta.reasoning)),
      ...words.say('text', delta.content),
      ...words.say('refusal', delta.refusal)
    ]
    if (!Array.isArray(delta.tool_calls) || delta.tool_calls.length === 0) return events
    return [...events, ...words.close(), ...delta.tool_calls.filter(isObject).flatMap((call) => calls.take(call))]
  }

  function finish(reason: string, choice: JsonObject): readonly AnswerEvent[] {
    if (finished) return []
    const failure = failureOfChat(reason)
    if (failure) return [{ type: 'error', error: failure }]
    finished = true
    const stopped =
      typeof choice.stop_reason === 'string' && stop.includes(choice.stop_reason) ? choice.stop_reason : null
    const told = refused ? 'refusal' : stopReasonOfChat(reason, calls.any())
    const stopReason = stopped === null ? told : 'stop_sequence'
    return [...calls.flush(), ...words.close(), ...words.rest(), { type: 'finish', stopReason, stopSequence: stopped }]
  }

  function takeChoice(choice: JsonObject): readonly AnswerEvent[] {
    // `n` is 1: another choice is none of ours.
    if (isWhole(choice.index, 1)) return []
    const events = isObject(choice.delta) && !finished ? takeDelta(choice.delta) : []
    const reason = choice.finish_reason
    return typeof reason === 'string' && reason !== '' ? [...events, ...finish(reason, choice)] : events
  }

  function end(): readonly AnswerEvent[] {
    if (ended || !finished) return []
    ended = true
    return [{ type: 'end' }]
  }

  return {
    read(_, data) {
      // A provider that says it is done without saying why has come to its end.
      if (data.trim() === '[DONE]') return started ? [...finish('stop', {}), ...end()] : []
      const chunk = parseObject(data)
      if (isObject(chunk.error) || typeof chunk.error === 'string')
        return [{ type: 'error', error: chatError(chunk.error) }]
      if (!Array.isArray(chunk.choices)) return takeUsage(chunk)
      const [choice] = chunk.choices
      return [...start(chunk), ...takeUsage(chunk), ...(isObject(choice) ? takeChoice(choice) : [])]
    },
    // A provider that leaves `[DONE]` out has ended all the same once it said why it stopped.
    close: end
  }
}

export function chatError(error: unknown): { type: string; message: string } {
  return typeof error === 'string' ? { type: 'api_error', message: error } : errorOf(error)
}

/** A whole chat answer as the events that it would have been. */
export function eventsOfChat(json: JsonObject, options: ChatDecoderOptions): readonly AnswerEvent[] {
  const decoder = createChatDecoder(options)
  const choices = Array.isArray(json.choices) ? json.choices.filter(isObject) : []
  // A message is a stream's one delta, but for the calls, which need no index to be told apart.
  const asDeltas = choices.map(({ message, ...choice }) => ({
    ...choice,
    // Calls wait for the end of the answer, and a whole answer is at its end.
    finish_reason: choice.finish_reason ?? 'stop',
    delta: isObject(message) ? numbered(message) : {}
  }))
  return [...decoder.read('', JSON.stringify({ ...json, choices: asDeltas })), ...decoder.close()]
}

function numbered(message: JsonObject): JsonObject {
  if (!Array.isArray(message.tool_calls)) return message
  return {
    ...message,
    tool_calls: message.tool_calls.map((call, index) => (isObject(call) ? { ...call, index } : call))
  }
}
